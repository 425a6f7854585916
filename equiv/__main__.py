"""``python -m equiv``: the command line."""

from equiv.cli import main

if __name__ == "__main__":
    main()
