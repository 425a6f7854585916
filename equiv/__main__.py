"""``python -m equiv``: the command line."""

from equiv.cli import main

main()
