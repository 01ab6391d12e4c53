"""Canonical JSON, hash chains and signatures: what makes a record checkable by anyone, without a database.

An entry is a JSON object; its canonical form is RFC 8785. ``hash = SHA-256(previous hash || canonical entry)`` (the first
entry follows 64 zeros), and the hash is signed with Ed25519 (RFC 8032). Amounts in entries are decimal text, since RFC 8785
numbers are IEEE doubles.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from moonbridge.errors import TamperedError

GENESIS: Final = "0" * 64
"""The hash before the first entry."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed entry: its ``number`` from 1, its ``body``, both hashes (hex) and the signature (base64) of ``hash``."""

    number: int
    body: dict[str, Any]
    previous: str
    hash: str
    signature: str


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 form of JSON ``value``."""
    return rfc8785.dumps(value)


def digest(value: Any) -> str:
    """Return the SHA-256 (hex) of the canonical form of ``value``."""
    return hashlib.sha256(canonical(value)).hexdigest()


def commitment(value: Any, salt: str) -> str:
    """Return a salted digest of ``value``: it proves later what was meant, and tells nothing until then."""
    return digest({"salt": salt, "value": value})


def link(previous: str, body: dict[str, Any]) -> str:
    """Return the hash (hex) of ``body`` behind the entry whose hash is ``previous``."""
    return hashlib.sha256(bytes.fromhex(previous) + canonical(body)).hexdigest()


class Signer:
    """Signs with an Ed25519 key made from a 32-byte seed (base64 text, as the settings carry it)."""

    def __init__(self, seed: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))

    @property
    def public_key(self) -> str:
        """The public key (base64) with which everybody can verify."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> str:
        """Return the signature (base64) of ``message``."""
        return base64.b64encode(self._key.sign(message)).decode()

    def seal(self, number: int, body: dict[str, Any], previous: str) -> Sealed:
        """Return ``body`` sealed as entry ``number`` behind ``previous``."""
        value = link(previous, body)
        return Sealed(number, body, previous, value, self.sign(bytes.fromhex(value)))


def verify(message: bytes, signature: str, public_key: str) -> bool:
    """Return whether ``signature`` (base64) of ``message`` was made with the key behind ``public_key`` (base64)."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def verify_chain(entries: Iterable[Sealed], public_key: str) -> int:
    """Check numbers, links, hashes and signatures of a whole chain from its first entry; return how many entries it has.

    Raises :class:`TamperedError` naming the first entry that does not verify and what is wrong with it.
    """
    previous, count = GENESIS, 0
    for count, entry in enumerate(entries, start=1):
        if fault := _fault(entry, count, previous, public_key):
            raise TamperedError(f"Entry {count} of the record {fault}.", entry=count)
        previous = entry.hash
    return count


def _fault(entry: Sealed, number: int, previous: str, public_key: str) -> str | None:
    if entry.number != number:
        return f"carries the number {entry.number}: an entry is missing, doubled or out of order"
    if entry.previous != previous:
        return "does not follow the entry before it"
    if entry.hash != link(previous, entry.body):
        return "was changed after it was sealed"
    if not verify(bytes.fromhex(entry.hash), entry.signature, public_key):
        return "is not signed with the given key"
    return None
