# Two commands do everything on a fresh machine: `make site` and `make test`. They need Python 3.11 or later and a package registry.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SITE   := $(VENV)/.site
TESTS  := $(VENV)/.tests

.PHONY: site test serve check benchmark clean

site: $(SITE)
	$(BIN)/iopsgen build

serve: $(SITE)
	$(BIN)/iopsgen serve

test: $(TESTS)
	$(BIN)/python -m pytest $(ARGS)

check: $(TESTS)
	$(BIN)/ruff check iopsgen tests benchmarks
	$(BIN)/mypy

benchmark: $(TESTS)
	$(BIN)/python -m benchmarks.run

clean:
	rm -rf $(VENV) .iopsgen build *.egg-info

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(SITE): $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	touch $@

$(TESTS): $(SITE) tests/interop/package.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[test]"
	! command -v npm >/dev/null || npm ci --prefix tests/interop --omit-lockfile-registry-resolved --no-audit --no-fund --silent
	touch $@
