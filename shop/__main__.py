"""`python -m shop` is the `souk` command."""

from shop.cli import main

main(prog_name="souk")
