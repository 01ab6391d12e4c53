"""The command line: one module per stage, imported only when one of its commands is called.

``moonbridge --help`` must answer at once, so the table below names every command with its help line and nothing behind it
is imported before it is needed.
"""

import os
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

from moonbridge.errors import InputError, MoonbridgeError

EXIT_REFUSED: Final = 1
"""Understood, but it cannot be done."""
EXIT_INPUT: Final = 2
"""What was given cannot be read."""
EXIT_INTERRUPTED: Final = 130
"""Ctrl-C, as shells report it."""


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command lives (a function or a typer group in a module of this package) and its line in the help."""

    module: str
    name: str
    help: str


COMMANDS: Final = {
    "select": Command("select", "select", "Choose the best portfolio of a call, and say why."),
    "check": Command("check", "check", "Check the signed certificate of a selection against its call."),
    "site": Command("site", "site", "Show a year at a site on the Moon: light, nights, Earth, relay, horizon."),
    "assign": Command(
        "assign", "assign", "Assign reviewers to proposals as well as possible, and say why if it cannot be done."
    ),
    "calibrate": Command("assign", "calibrate", "Say what scores tell once severe reviewers are allowed for."),
    "windows": Command("windows", "windows", "Say when there is Sun, Earth or relay at a site on the Moon."),
    "map": Command("map", "map_", "Map light, Earth, longest night or slope over a region of the Moon."),
    "terrain": Command("terrain", "terrain", "Terrain of the Moon: what is published, what is installed."),
    "passes": Command("passes", "passes", "List the passes of a relay satellite over a site on the Moon."),
    "demo": Command("house", "demo", "Start the demonstration with everything it needs."),
    "serve": Command("house", "serve", "Serve the site as the environment configures it."),
    "worker": Command("house", "worker", "Do the long jobs."),
    "prepare": Command("house", "prepare", "Bring tables, translations, catalogue and static files up to date."),
    "record": Command("record", "record", "Check or export the sealed record of decisions."),
    "ledger": Command("ledger", "ledger", "The books of samples and resources: audit, torture, import."),
    "catalogue": Command("catalogue", "catalogue", "Check the catalogue of missions and public facts."),
    "people": Command("people", "people", "Give people their roles in an agency."),
    "database": Command("house", "database", "The embedded PostgreSQL."),
}
"""Every command; a new stage adds its lines here."""


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and imports the module of the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command, imported now; None for an unknown one."""
        del ctx
        return _loaded(COMMANDS[cmd_name], cmd_name) if cmd_name in COMMANDS else None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write usage and the table, without importing any command."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])
        with formatter.section("Options"):
            formatter.write_dl([("--help", "Show this; `moonbridge COMMAND --help` explains a command.")])


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def moonbridge() -> None:
    """Space agencies share their missions with the world: from an offer to an explained decision."""


def main() -> None:
    """Run the command line; what is refused becomes one sentence and a non-zero exit."""
    try:
        app()
    except InputError as error:
        _fail(error, EXIT_INPUT)
    except MoonbridgeError as error:
        _fail(error, EXIT_REFUSED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our pipe has gone (`| head`); Python must not complain about it while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_REFUSED)


def _fail(error: MoonbridgeError, code: int) -> None:
    print(f"moonbridge: {error}", file=sys.stderr)
    sys.exit(code)


def _loaded(command: Command, name: str) -> Any:
    found = getattr(import_module(f"moonbridge.cli.{command.module}"), command.name)
    if isinstance(found, typer.Typer):
        group = typer.main.get_command(found)
        group.name = name
        return group
    single = typer.Typer(add_completion=False)
    single.command(name)(found)
    return typer.main.get_command(single)
