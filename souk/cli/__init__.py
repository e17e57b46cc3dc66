"""The `souk` command."""

from souk.cli.main import main

__all__ = ["main"]
