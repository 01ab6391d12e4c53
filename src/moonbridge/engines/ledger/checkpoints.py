"""Signed checkpoints of a Merkle log, in the manner of C2SP's signed notes, checkpoints and cosignatures.

A checkpoint is a short text: the log's name (``origin``), its size, its root in base64. Signatures stand below it, one per line:
an em dash, the signer's name, and base64 of a four-byte key id and the signature. The operator of the log signs the text
(algorithm 1, Ed25519); a partner who has seen the same log co-signs it with the instant (algorithm 4, "cosignature/v1").
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

from moonbridge.engines.ledger import seal
from moonbridge.errors import TamperedError

SIGNED: Final = 1
COSIGNED: Final = 4
"""C2SP's numbers of the two kinds of signatures."""
_KEY_ID: Final = 4
_INSTANT: Final = 8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: its ``origin``, how many leaves it has, and its root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed; it ends in a newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign(checkpoint: Checkpoint, signer: seal.Signer) -> str:
    """Return the signed note of ``checkpoint``; the signer goes by the name of the log."""
    signature = base64.b64decode(signer.sign(checkpoint.text.encode()))
    return f"{checkpoint.text}\n{_line(checkpoint.origin, signer.public_key, SIGNED, signature)}"


def cosign(note: str, name: str, signer: seal.Signer, *, at: int) -> str:
    """Return the line that a partner adds below ``note``: that at the instant ``at`` (Unix seconds) they saw this state of the log."""
    signature = base64.b64decode(signer.sign(_cosigned_text(note, at)))
    return _line(name, signer.public_key, COSIGNED, at.to_bytes(_INSTANT) + signature)


def opened(note: str, public_key: str) -> Checkpoint:
    """Return the checkpoint in a signed note after checking its signature with the operator's ``public_key`` (base64).

    Raises :class:`TamperedError` for a note of another form, or that is not signed with the key.
    """
    text, _, signatures = note.partition("\n\n")
    lines = text.split("\n")
    try:
        origin, size, root = lines
        found = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
    except ValueError:
        raise TamperedError("This is not a checkpoint: it should have a name, a size and a root.") from None
    for line in signatures.splitlines():
        if (given := _signature(line, origin, public_key, SIGNED)) is not None:
            if seal.verify(found.text.encode(), base64.b64encode(given).decode(), public_key):
                return found
            break
    raise TamperedError(f"The checkpoint of {origin} at {size} is not signed with the given key.", size=size)


def check_cosignature(note: str, line: str, name: str, public_key: str) -> int:
    """Return the instant (Unix seconds) at which the partner ``name`` co-signed ``note``; raises :class:`TamperedError` otherwise."""
    given = _signature(line, name, public_key, COSIGNED)
    if given is not None:
        at, signature = int.from_bytes(given[:_INSTANT]), base64.b64encode(given[_INSTANT:]).decode()
        if seal.verify(_cosigned_text(note, at), signature, public_key):
            return at
    raise TamperedError(f"The checkpoint is not co-signed by {name} with the given key.", name=name)


def _cosigned_text(note: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{note.partition('\n\n')[0]}\n".encode()


def _line(name: str, public_key: str, algorithm: int, signature: bytes) -> str:
    return f"— {name} {base64.b64encode(_key_id(name, public_key, algorithm) + signature).decode()}\n"


def _signature(line: str, name: str, public_key: str, algorithm: int) -> bytes | None:
    """Return the signature in ``line`` if it is one by ``name`` with this key and algorithm."""
    dash, _, rest = line.strip().partition(" ")
    signer, _, encoded = rest.rpartition(" ")
    try:
        told = base64.b64decode(encoded, validate=True)
        expected = _key_id(name, public_key, algorithm)
    except ValueError:
        return None
    return told[_KEY_ID:] if (dash, signer, told[:_KEY_ID]) == ("—", name, expected) else None


def _key_id(name: str, public_key: str, algorithm: int) -> bytes:
    key = base64.b64decode(public_key)
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + key).digest()[:_KEY_ID]
