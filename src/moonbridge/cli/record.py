"""The sealed record: take it out, and check a copy without any database."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from moonbridge.errors import InputError
from moonbridge.formats import ledger as ledgers
from moonbridge.formats import receipts
from moonbridge.formats import record as files

record = typer.Typer(help="The sealed record of decisions.", no_args_is_help=True)

STANDARD_INPUT = "-"


@record.command("verify")
def verify(
    file: Annotated[str, typer.Argument(help="An exported record; - reads standard input.")],
    key: Annotated[str | None, typer.Option(help="The public key you trust (base64).")] = None,
) -> None:
    """Check an exported record, ledger or proof of a movement: every link, hash and signature. Needs no database and no network."""
    with _opened(file) as opened:
        first = next(opened, "")
        whole = chain([first], opened)
        if f'"{ledgers.FORMAT}"' in first:
            _tell_ledger(ledgers.verify(whole, name=file, public_key=key), trusted=key)
            return
        if f'"{ledgers.PROOF}"' in first:
            _tell_proof(ledgers.verify_proof(_json(first, file), public_key=key), trusted=key)
            return
        found = files.verify(whole, name=file, public_key=key)
    entries = "1 entry" if found.entries == 1 else f"{found.entries} entries"
    print(f"{found.chain}: {entries}, whole and unchanged; the last one's hash is {found.head}")
    _tell_key(found.public_key, trusted=key)


def _tell_ledger(found: ledgers.VerifiedLog, *, trusted: str | None) -> None:
    signed = f"; co-signed by {', '.join(found.cosigned_by)}" if found.cosigned_by else ""
    print(
        f"{found.origin}: {found.leaves} movements under {found.checkpoints} checkpoints, whole and unchanged{signed}"
    )
    _tell_key(found.public_key, trusted=trusted)


def _tell_proof(found: ledgers.VerifiedProof, *, trusted: str | None) -> None:
    since = f", which begins with the log of {found.earlier}" if found.earlier is not None else ""
    print(f"{found.origin}: the movement {found.movement} is in the log of {found.size} movements{since}")
    _tell_key(found.public_key, trusted=trusted)


@record.command("verify-receipt")
def verify_receipt(
    file: Annotated[str, typer.Argument(help="A receipt as downloaded; - reads standard input.")],
    key: Annotated[str | None, typer.Option(help="The public key you trust (base64).")] = None,
) -> None:
    """Check that a receipt is whole and signed, and say what it proves; needs no database and no network."""
    with _opened(file) as opened:
        receipt = _json(opened.read(), file)
    found = receipts.verify(receipt, public_key=key)
    print(
        f"{found.subject}: submission {found.number} was received at {found.received_at}; its digest is {found.digest}"
    )
    _tell_key(found.public_key, trusted=key)


def _json(text: str, file: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise InputError("this is not JSON", file=file) from None


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    if file == STANDARD_INPUT:
        yield sys.stdin
        return
    try:
        with Path(file).open(encoding="utf-8") as opened:
            yield opened
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"it cannot be read ({problem})", file=file) from None


def _tell_key(key: str, *, trusted: str | None) -> None:
    if trusted is None:
        print(f"signed with the key that the file names, {key}; give --key to check whose it is")


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
