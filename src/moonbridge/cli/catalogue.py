"""The catalogue of cooperative missions: check what people have written."""

from pathlib import Path
from typing import Annotated

import typer

catalogue = typer.Typer(help="The catalogue of missions, partners and public facts.", no_args_is_help=True)


@catalogue.callback()
def group() -> None:
    """Work with the catalogue of missions, partners and public facts."""


@catalogue.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder with a catalogue; default: the one that comes with Moonbridge.")
    ] = None,
) -> None:
    """Read the whole catalogue and tell every mistake with its file, line and field."""
    from moonbridge.formats.catalogue import Call, Mission, Payload, load

    found = load(folder)
    typer.echo(
        f"good: {len(found.of(Mission))} missions, {len(found.of(Payload))} payloads, {len(found.of(Call))} calls, "
        f"{len(list(found.claims))} claims from {len(found.sources)} sources, {len(found.conflicts)} conflicts, "
        f"{len(found.partners)} partners"
    )
