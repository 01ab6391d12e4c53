"""The sealed record: take it out, and check a copy without any database."""

import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from moonbridge.errors import InputError
from moonbridge.formats import record as files

record = typer.Typer(help="The sealed record of decisions.", no_args_is_help=True)

STANDARD_INPUT = "-"


@record.command("verify")
def verify(
    file: Annotated[str, typer.Argument(help="An exported record; - reads standard input.")],
    key: Annotated[str | None, typer.Option(help="The public key you trust (base64).")] = None,
) -> None:
    """Check every number, link, hash and signature of an exported record; needs no database and no network."""
    if file == STANDARD_INPUT:
        _report(sys.stdin, "standard input", key)
        return
    try:
        with Path(file).open(encoding="utf-8") as opened:
            _report(opened, file, key)
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"it cannot be read ({problem})", file=file) from None


def _report(opened: TextIO, name: str, key: str | None) -> None:
    found = files.verify(opened, name=name, public_key=key)
    entries = "1 entry" if found.entries == 1 else f"{found.entries} entries"
    print(f"{found.chain}: {entries}, whole and unchanged; the last one's hash is {found.head}")
    if key is None:
        print(f"signed with the key that the file names, {found.public_key}; give --key to check whose it is")


@record.command("export")
def export(
    chain: Annotated[str, typer.Option(help="public, or agency:SLUG.")] = "public",
) -> None:
    """Write a chain of this site's record to standard output."""
    from moonbridge.site import preparation

    preparation.set_up_django()
    from moonbridge.record import queries

    for line in queries.exported(chain):
        sys.stdout.write(line)
