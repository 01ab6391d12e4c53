"""Receipts: what a site signs to have received. One verifies with no database and no network.

A receipt is a JSON object: what was received (``content``), the statement about it (``received``, which carries the SHA-256 of
the canonical content) and an Ed25519 signature of the canonical statement. Canonical is RFC 8785.
"""

from dataclasses import dataclass
from typing import Any, Final

from moonbridge.engines.ledger import seal
from moonbridge.errors import InputError, TamperedError

FORMAT: Final = "moonbridge-receipt"
VERSION: Final = 1
_PARTS: Final = frozenset({"content", "received", "signature"})


@dataclass(frozen=True, slots=True)
class Verified:
    """What a receipt proves: ``subject`` (the address of what was received), which submission of it, when, and what digest."""

    subject: str
    number: int
    received_at: str
    digest: str
    public_key: str


def make(subject: str, number: int, content: dict[str, Any], signer: seal.Signer, **facts: str) -> dict[str, Any]:
    """Return the signed receipt for ``content``; ``facts`` (instants, notes) become part of the signed statement."""
    statement = facts | {
        "format": FORMAT, "version": VERSION, "subject": subject, "number": number, "digest": seal.digest(content),
        "public_key": signer.public_key,
    }  # fmt: skip
    return {"content": content, "received": statement, "signature": signer.sign(seal.canonical(statement))}


def verify(receipt: Any, *, public_key: str | None = None) -> Verified:
    """Check that ``receipt`` (parsed JSON) is whole and signed; return what it proves.

    ``public_key`` (base64) is the key that you trust; without it the receipt is checked against the key that it names itself,
    which proves that it is whole but not whose it is. Raises :class:`InputError` for something that is no receipt and
    :class:`TamperedError` for one that was changed.
    """
    statement = receipt.get("received") if isinstance(receipt, dict) and set(receipt) == _PARTS else None
    if not isinstance(statement, dict) or statement.get("format") != FORMAT or statement.get("version") != VERSION:
        raise InputError("this is not a receipt of Moonbridge (format 1)")
    key = public_key or str(statement.get("public_key"))
    if key != statement.get("public_key"):
        raise TamperedError(
            "The receipt is signed with another key than the one given.", key=statement.get("public_key")
        )
    if not seal.verify(seal.canonical(statement), str(receipt["signature"]), key):
        raise TamperedError("What the receipt states is not what was signed.")
    if seal.digest(receipt["content"]) != statement.get("digest"):
        raise TamperedError("The content of the receipt is not what was received.")
    return Verified(
        str(statement.get("subject")),
        int(statement["number"]),
        str(statement.get("received_at")),
        str(statement["digest"]),
        key,
    )
