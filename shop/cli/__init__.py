"""The `souk` command."""

from shop.cli.main import main

__all__ = ["main"]
