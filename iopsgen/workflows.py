"""What publishes a site by itself: a workflow that builds after each change, and when the time comes at which the site changes."""

from iopsgen.scaffold import NewFile

_GITHUB = """# Builds the site and publishes it on GitHub Pages: after each change, and when an event is over or a post is due.
# To use it: Settings → Pages → Build and deployment → Source: GitHub Actions.
name: Publish
on:
  push:
    branches: [main]
  schedule:
    - cron: "23 * * * *" # looks every hour whether the time has come; builds only then
  workflow_dispatch:

permissions:
  contents: write # to note in published.jsonl what was published
  pages: write
  id-token: write

concurrency:
  group: publish
  cancel-in-progress: false

jobs:
  publish:
    runs-on: ubuntu-latest
    environment:
      name: github-pages
    steps:
      - uses: actions/checkout@v4

      - name: Is it time?
        id: time
        if: github.event_name == 'schedule'
        env:
          STATUS: @STATUS@
        run: |
          curl --fail --silent --show-error --max-time 30 "$STATUS" --output status.json || { echo "due=yes" >> "$GITHUB_OUTPUT"; exit 0; }
          python3 - >> "$GITHUB_OUTPUT" <<'END'
          import datetime, json
          moment = json.load(open("status.json"))["next_change"]
          now = datetime.datetime.now(datetime.timezone.utc)
          print("due=yes" if moment and datetime.datetime.fromisoformat(moment) <= now else "due=no")
          END
          rm status.json

      - uses: actions/setup-python@v5
        if: steps.time.outputs.due != 'no'
        with:
          python-version: "3.13"
          cache: pip

      - uses: actions/cache@v4
        if: steps.time.outputs.due != 'no'
        with:
          path: .iopsgen
          key: iopsgen-${{ github.run_id }}
          restore-keys: iopsgen-

      - name: Build
        if: steps.time.outputs.due != 'no'
        run: |
          python -m pip install --quiet --requirement requirements.txt
          iopsgen build

      - uses: actions/upload-pages-artifact@v3
        if: steps.time.outputs.due != 'no'
        with:
          path: output

      - uses: actions/deploy-pages@v4
        if: steps.time.outputs.due != 'no'

      - name: Note what was published
        if: steps.time.outputs.due != 'no'
        run: |
          git add published.jsonl
          if ! git diff --cached --quiet; then
            git config user.name iopsgen
            git config user.email iopsgen@users.noreply.github.com
            git commit --quiet --message "Note what was published [skip ci]"
            git pull --quiet --rebase
            git push --quiet
          fi
"""

# Two branches that both publish something new change the same file: git keeps the lines of both, and iopsgen joins them.
_ATTRIBUTES = "published.jsonl merge=union\n"


def publishing_files(url: str, version: str) -> tuple[NewFile, ...]:
    """The workflow for GitHub Pages, the packages it installs, and how git merges what was published. `url` is that of the site."""
    status = url.rstrip("/") + "/status.json"
    return (
        NewFile(".github/workflows/publish.yml", _GITHUB.replace("@STATUS@", f'"{status}"')),
        NewFile("requirements.txt", f"iopsgen=={version}\n"),
        NewFile(".gitattributes", _ATTRIBUTES),
    )
