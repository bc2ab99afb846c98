"""`python -m equilibrist`."""

from equilibrist.cli import main

main()
