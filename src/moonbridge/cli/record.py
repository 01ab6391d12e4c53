"""The sealed record: take it out, and check a copy without any database."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from moonbridge.engines.ledger import checkpoints, seal
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


@record.command("cosign")
def cosign(
    file: Annotated[str, typer.Argument(help="The log of a book as exported; - reads standard input.")],
    name: Annotated[str, typer.Option(help="Your name under it, as the other agency knows you.")],
    seed: Annotated[Path, typer.Option(help="A file with your 32-byte Ed25519 seed in base64; it stays with you.")],
    key: Annotated[str, typer.Option(help="The public key of the agency that keeps the log (base64).")],
) -> None:
    """Check a log as a partner and sign its last checkpoint; the answer goes back to who keeps it. Needs no database and no network."""
    with _opened(file) as opened:
        lines = list(opened)
    found = ledgers.verify(iter(lines), name=file, public_key=key)
    note = next((row["checkpoint"] for row in map(json.loads, reversed(lines)) if "checkpoint" in row), None)
    if note is None:
        raise InputError("there is no checkpoint in it that could be signed", file=file)
    signer = _signer(seed)
    line = checkpoints.cosign(note, name, signer, at=int(time.time()))
    told = {"origin": found.origin, "size": found.leaves, "name": name, "public_key": signer.public_key, "line": line}
    print(json.dumps(told, ensure_ascii=False))


def _signer(file: Path) -> seal.Signer:
    try:
        return seal.Signer(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as problem:
        raise InputError(f"no seed can be read from it ({problem})", file=str(file)) from None


@record.command("attach")
def attach(
    file: Annotated[str, typer.Argument(help="What a partner's cosign wrote; - reads standard input.")],
    partner: Annotated[str, typer.Option(help="The partner's public key (base64), as you know it from themselves.")],
) -> None:
    """Put a partner's signature under the checkpoint of this site that it was made for; it goes out with every export from then on."""
    with _opened(file) as opened:
        told = _json(opened.read(), file)
    if not isinstance(told, dict) or {"origin", "size", "name", "public_key", "line"} - told.keys():
        raise InputError("this is not a partner's signature", file=file)
    if told["public_key"] != partner:
        raise InputError(f"it is signed with {told['public_key']}, not with the key that you trust", file=file)
    from moonbridge.site import preparation

    preparation.set_up_django()
    from moonbridge.ledger import log

    found = log.checkpoint_of(told["origin"], told["size"])
    if found is None:
        raise InputError(f"this site has no checkpoint of {told['origin']} at {told['size']} movements", file=file)
    log.cosign(found, name=told["name"], public_key=partner, line=told["line"])
    print(f"{told['name']} stands under the checkpoint of {told['origin']} at {told['size']} movements")


@record.command("trust")
def trust(
    name: Annotated[str, typer.Argument(help="The partner's name, as it stands in its signatures.")],
    key: Annotated[str, typer.Argument(help="The partner's public key (base64), as you have it from themselves.")],
) -> None:
    """Take signatures of a partner by the API from now on."""
    from moonbridge.site import preparation

    preparation.set_up_django()
    from moonbridge.ledger import cosigners

    print(f"{cosigners.register(name, key).name} may co-sign the checkpoints of this site")


@record.command("distrust")
def distrust(key: Annotated[str, typer.Argument(help="A partner's public key (base64).")]) -> None:
    """Take no new signature under a key; what it signed stays."""
    from moonbridge.site import preparation

    preparation.set_up_django()
    from moonbridge.ledger import cosigners

    print(f"{cosigners.withdraw(key).name} co-signs nothing new with this key")


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
