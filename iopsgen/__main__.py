"""`python -m iopsgen` is the command line."""

from iopsgen.cli import main

if __name__ == "__main__":
    main()
