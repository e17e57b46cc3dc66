"""All commands of `souk`; each is a few lines over the code that does the work."""

from importlib import import_module

import click

COMMANDS = {
    "run": "run.run",
    "demo": "demo.demo",
    "serve": "serve.serve",
    "migrate": "migrate.migrate",
    "doctor": "doctor.doctor",
    "audit": "audit.audit",
    "events": "events.events",
    "users": "users.users",
    "logs": "logs.logs",
    "secrets": "keys.secret_files",
    "provision": "keys.provision_databases",
    "monitoring": "monitoring.write_monitoring",
}
"""Where each command is; only the one that is asked for is imported, for `souk run` should open at once."""


class Commands(click.Group):
    """A group that imports its commands when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(".")
        command: click.Command = getattr(import_module(f"shop.cli.{module}"), name)
        return command


@click.group(cls=Commands)
def main() -> None:
    """Souk, a peer-to-peer marketplace with wallets."""
