"""The record as a file: a header line, then one JSON line per sealed entry. It verifies with no database."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from moonbridge.engines.ledger import seal
from moonbridge.errors import InputError, TamperedError

FORMAT: Final = "moonbridge-record"
VERSION: Final = 1
_FIELDS: Final = {field.name for field in fields(seal.Sealed)}


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verified file proved: which ``chain``, how many ``entries``, its last hash and the key that signed it."""

    chain: str
    entries: int
    head: str
    public_key: str


def lines(chain: str, entries: Iterable[seal.Sealed], head: tuple[int, str], signer: seal.Signer) -> Iterator[str]:
    """Yield the file of ``chain`` line by line, each ending in a newline.

    ``head`` is the number and hash of the last entry (0 and :data:`~seal.GENESIS` for an empty chain); the signed header
    states it, so that a file cut short is noticed.
    """
    header = {
        "format": FORMAT, "version": VERSION, "chain": chain, "public_key": signer.public_key, "entries": head[0], "head": head[1],
    }  # fmt: skip
    yield seal.canonical(header | {"signature": signer.sign(seal.canonical(header))}).decode() + "\n"
    for entry in entries:
        yield seal.canonical(asdict(entry)).decode() + "\n"


def verify(file: Iterable[str], *, name: str, public_key: str | None = None) -> Verified:
    """Check a whole exported record: every number, link, hash and signature from the first entry on.

    ``public_key`` (base64) is the key you trust; without it the file is checked against the key that it names itself, which
    proves that it is whole but not whose it is. Raises :class:`InputError` for a file of another form and
    :class:`TamperedError` for one that was changed.
    """
    numbered = _objects(file, name)
    _, header = next(numbered, (1, {}))
    key = _key(header, name, public_key)
    chain, last = str(header.get("chain")), [seal.GENESIS]
    count = seal.verify_chain(_entries(numbered, name, chain, last), key)
    if (count, last[0]) != (header.get("entries"), header.get("head")):
        raise TamperedError(
            f"The file holds {count} entries, its signed header states {header.get('entries')}.", entries=count
        )
    return Verified(chain, count, last[0], key)


def _key(header: dict[str, Any], name: str, trusted: str | None) -> str:
    """Return the key to verify with, after checking the header's form and signature."""
    if header.get("format") != FORMAT or header.get("version") != VERSION:
        raise InputError("this is not a record exported by Moonbridge (format 1)", file=name, line=1)
    key = trusted or str(header.get("public_key"))
    if key != header.get("public_key"):
        raise TamperedError("The record is signed with another key than the one given.", key=header.get("public_key"))
    stated = {field: value for field, value in header.items() if field != "signature"}
    if not seal.verify(seal.canonical(stated), str(header.get("signature")), key):
        raise TamperedError("The header of the record is not signed with its key.")
    return key


def _entries(
    numbered: Iterator[tuple[int, dict[str, Any]]], name: str, chain: str, head: list[str]
) -> Iterator[seal.Sealed]:
    for line, entry in numbered:
        if set(entry) != _FIELDS or not isinstance(entry["body"], dict):
            raise InputError("this line is not a sealed entry", file=name, line=line)
        if entry["body"].get("chain") != chain or entry["body"].get("number") != entry["number"]:
            raise TamperedError(f"Entry on line {line} belongs to another place of the record.", line=line)
        head[0] = entry["hash"]
        yield seal.Sealed(**entry)


def _objects(file: Iterable[str], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(file, start=1):
        try:
            value = json.loads(line)
        except ValueError:
            raise InputError("this line is not JSON", file=name, line=number) from None
        if not isinstance(value, dict):
            raise InputError("this line is not a JSON object", file=name, line=number)
        yield number, value
