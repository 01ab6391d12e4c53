"""A book's Merkle log as a file that verifies with no database: all of it, or the proof of one movement.

The whole log is a header line, then one JSON line per leaf (``{"leaf": number, "body": ...}``) and per checkpoint
(``{"checkpoint": note, "cosignatures": [...]}``), each checkpoint where the log had its size. Amounts are decimal text in the base
unit that the header names; who acted and why are salted commitments.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from moonbridge.engines.ledger import checkpoints, merkle, seal
from moonbridge.errors import InputError, TamperedError

FORMAT: Final = "moonbridge-ledger"
PROOF: Final = "moonbridge-ledger-proof"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class VerifiedLog:
    """What a verified log proved: its name, how many leaves and checkpoints, who co-signed the last one, and the operator's key."""

    origin: str
    leaves: int
    checkpoints: int
    cosigned_by: tuple[str, ...]
    public_key: str


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """What a verified proof proved: which movement is in which log of what size, and since which earlier size nothing was rewritten."""

    origin: str
    movement: str
    size: int
    earlier: int | None
    public_key: str


def header(origin: str, unit: str, public_key: str) -> str:
    """Return the first line of a log's file."""
    return _line({"format": FORMAT, "version": VERSION, "origin": origin, "unit": unit, "public_key": public_key})


def leaf(number: int, body: dict[str, Any]) -> str:
    """Return the line of one leaf; numbers count from 0."""
    return _line({"leaf": number, "body": body})


def checkpoint(note: str, cosignatures: Iterable[tuple[str, str, str]]) -> str:
    """Return the line of a checkpoint with its cosignatures: (name, public key, line) each."""
    told = [{"name": name, "public_key": key, "line": line} for name, key, line in cosignatures]
    return _line({"checkpoint": note, "cosignatures": told})


def proof(
    body: dict[str, Any], index: int, inclusion: list[bytes], note: str, public_key: str, *, earlier: str | None = None,
    consistency: Iterable[bytes] = (),
) -> dict[str, Any]:  # fmt: skip
    """Return the proof, as JSON, that the leaf ``index`` with ``body`` is in the log of the checkpoint ``note``.

    With an ``earlier`` checkpoint and the ``consistency`` between both, it also proves that nothing was rewritten since.
    """
    return {
        "format": PROOF, "version": VERSION, "public_key": public_key, "index": index, "body": body,
        "inclusion": [_text(each) for each in inclusion], "checkpoint": note, "earlier": earlier,
        "consistency": [_text(each) for each in consistency],
    }  # fmt: skip


def verify(lines: Iterable[str], *, name: str, public_key: str | None = None) -> VerifiedLog:
    """Check a whole exported log: every leaf, every root, every signature, and that no amount appears or vanishes.

    ``public_key`` (base64) is the operator's key that you trust; without it the one that the file names is used. Raises
    :class:`InputError` for a file of another form and :class:`TamperedError` for one that was changed.
    """
    rows = _rows(lines, name)
    first = next(rows, {})
    if first.get("format") != FORMAT or first.get("version") != VERSION:
        raise InputError("this is not a ledger exported by Moonbridge (format 1)", file=name, line=1)
    reader = _Reader(str(first["origin"]), _trusted(first, public_key))
    for number, row in enumerate(rows, start=2):
        try:
            reader.take(row)
        except (KeyError, TypeError, ValueError):
            raise InputError("this line is neither a leaf nor a checkpoint", file=name, line=number) from None
    return reader.verified()


def verify_proof(told: dict[str, Any], *, public_key: str | None = None) -> VerifiedProof:
    """Check the proof of one movement; see :func:`verify`."""
    key = _trusted(told, public_key)
    try:
        index, body = int(told["index"]), told["body"]
        inclusion, consistency = (_bytes(told[name]) for name in ("inclusion", "consistency"))
        notes = [told["checkpoint"], *([told["earlier"]] if told["earlier"] else [])]
        movement = str(body["movement"])
    except (KeyError, TypeError, ValueError):
        raise InputError("this is not the proof of a movement") from None
    state, *earlier = (checkpoints.opened(note, key) for note in notes)
    merkle.check_inclusion(merkle.leaf_hash(seal.canonical(body)), index, state.size, inclusion, state.root)
    for before in earlier:
        if before.origin != state.origin:
            raise TamperedError("The two checkpoints are of different logs.")
        merkle.check_consistency(before.size, state.size, (before.root, state.root), consistency)
    return VerifiedProof(state.origin, movement, state.size, earlier[0].size if earlier else None, key)


class _Reader:
    """Reads a log line by line and keeps what the next line must follow on."""

    def __init__(self, origin: str, key: str) -> None:
        self.origin, self.key = origin, key
        self.frontier, self.balances = merkle.Frontier(), dict[str, int]()
        self.checkpoints, self.signed_size = 0, 0
        self.cosigned_by: tuple[str, ...] = ()

    def take(self, row: dict[str, Any]) -> None:
        if "leaf" in row:
            self._take_leaf(int(row["leaf"]), row["body"])
        else:
            self._take_checkpoint(row["checkpoint"], row["cosignatures"])

    def verified(self) -> VerifiedLog:
        if self.signed_size != self.frontier.size:
            raise TamperedError(
                f"The last {self.frontier.size - self.signed_size} leaves are under no checkpoint.",
                size=self.frontier.size,
            )
        return VerifiedLog(self.origin, self.frontier.size, self.checkpoints, self.cosigned_by, self.key)

    def _take_leaf(self, number: int, body: dict[str, Any]) -> None:
        if number != self.frontier.size:
            raise TamperedError(f"Leaf {number} stands where leaf {self.frontier.size} belongs.", leaf=number)
        self.frontier.append(merkle.leaf_hash(seal.canonical(body)))
        if total := sum(int(leg["amount"]) for leg in body["legs"]):
            raise TamperedError(f"The movement of leaf {number} adds up to {total}, not to zero.", leaf=number)
        for leg in body["legs"]:
            after = self.balances.get(leg["account"], 0) + int(leg["amount"])
            self.balances[leg["account"]] = after

    def _take_checkpoint(self, note: str, cosignatures: list[dict[str, str]]) -> None:
        state = checkpoints.opened(note, self.key)
        if (state.origin, state.size, state.root) != (self.origin, self.frontier.size, self.frontier.root):
            raise TamperedError(
                f"The leaves before the checkpoint at {state.size} are not those that it states.", size=state.size
            )
        for told in cosignatures:
            checkpoints.check_cosignature(note, told["line"], told["name"], told["public_key"])
        self.cosigned_by = tuple(told["name"] for told in cosignatures)
        self.checkpoints, self.signed_size = self.checkpoints + 1, state.size


def _trusted(told: dict[str, Any], public_key: str | None) -> str:
    named = str(told.get("public_key"))
    if public_key not in {None, named}:
        raise TamperedError("The ledger is signed with another key than the one given.", key=named)
    return named


def _rows(lines: Iterable[str], name: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except ValueError:
            raise InputError("this line is not JSON", file=name, line=number) from None
        if not isinstance(row, dict):
            raise InputError("this line is not a JSON object", file=name, line=number)
        yield row


def _line(row: dict[str, Any]) -> str:
    return seal.canonical(row).decode() + "\n"


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(texts: list[str]) -> list[bytes]:
    return [base64.b64decode(text, validate=True) for text in texts]
