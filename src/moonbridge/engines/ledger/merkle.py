"""A Merkle log after RFC 6962: one short hash states a whole history, and short proofs show that something is in it.

A leaf is hashed as ``SHA-256(0x00 || data)``, a node as ``SHA-256(0x01 || left || right)`` (RFC 6962, section 2.1). An inclusion
proof shows that a leaf is in the tree of a given size and root; a consistency proof, that a larger tree begins with a smaller one.
"""

import hashlib
from collections.abc import Iterable, Sequence

from moonbridge.errors import TamperedError

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above ``left`` and ``right``."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the full subtrees of a growing tree, largest first: all that is needed to append to it."""

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        self.size, self.roots = size, list(roots)

    def append(self, leaf: bytes) -> None:
        """Add the hash of one leaf; of every pair of equal subtrees one larger is made."""
        self.roots.append(leaf)
        self.size += 1
        carried = self.size
        while carried % 2 == 0:
            right, left = self.roots.pop(), self.roots.pop()
            self.roots.append(node_hash(left, right))
            carried //= 2

    @property
    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.roots:
            return EMPTY_ROOT
        found = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            found = node_hash(left, found)
        return found


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over the hashes of ``leaves``."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root


class Tree:
    """A whole tree over hashes of leaves, for making proofs. Full subtrees are hashed once."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            self._levels.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])

    def root(self, size: int) -> bytes:
        """Return the root of the tree of the first ``size`` leaves."""
        return self._root(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the proof that the leaf ``index`` (from 0) is in the tree of the first ``size`` leaves."""
        return self._path(index, 0, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the proof that the tree of ``new`` leaves begins with that of the first ``old`` ones."""
        return self._joined(old, 0, new, whole=True) if 0 < old < new else []

    def _root(self, begin: int, end: int) -> bytes:
        width = end - begin
        if width & (width - 1) == 0 and begin % width == 0:
            return self._levels[width.bit_length() - 1][begin // width]
        middle = begin + _left_width(width)
        return node_hash(self._root(begin, middle), self._root(middle, end))

    def _path(self, index: int, begin: int, end: int) -> list[bytes]:
        if end - begin == 1:
            return []
        middle = begin + _left_width(end - begin)
        if index < middle:
            return [*self._path(index, begin, middle), self._root(middle, end)]
        return [*self._path(index, middle, end), self._root(begin, middle)]

    def _joined(self, old: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
        """Return SUBPROOF of RFC 6962, section 2.1.2, for the first ``old`` leaves of the range."""
        if old == end - begin:
            return [] if whole else [self._root(begin, end)]
        width = _left_width(end - begin)
        if old <= width:
            return [*self._joined(old, begin, begin + width, whole=whole), self._root(begin + width, end)]
        rest = self._joined(old - width, begin + width, end, whole=False)
        return [*rest, self._root(begin, begin + width)]


def _left_width(width: int) -> int:
    """Return the largest power of two below ``width``."""
    return 1 << (width - 1).bit_length() - 1


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that ``leaf`` (its hash) is number ``index`` (from 0) of the tree; the algorithm is that of RFC 9162, section 2.1.3.2.

    Raises :class:`TamperedError` where it is not.
    """
    if not 0 <= index < size:
        raise TamperedError("The proof speaks of a leaf that the log does not have.", index=index, size=size)
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise TamperedError("The proof is longer than the log is deep.")
        if place % 2 or place == last:
            found = node_hash(sibling, found)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            found = node_hash(found, sibling)
        place, last = place // 2, last // 2
    if last or found != root:
        raise TamperedError("The leaf is not in the log that the checkpoint states.", index=index, size=size)


def check_consistency(old: int, new: int, roots: tuple[bytes, bytes], proof: Sequence[bytes]) -> None:
    """Check that the log of ``new`` leaves begins with that of ``old`` ones (``roots`` of both); RFC 9162, section 2.1.4.2.

    Raises :class:`TamperedError` where history was rewritten.
    """
    fault = TamperedError("The later log does not begin with the earlier one: history was rewritten.", old=old, new=new)
    if old in {0, new}:
        if proof or (old == new and roots[0] != roots[1]) or old > new:
            raise fault
        return
    path = [roots[0], *proof] if old & (old - 1) == 0 else list(proof)
    if old > new or not path:
        raise fault
    if _grown(old, new, path) != roots:
        raise fault


def _grown(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the roots of both trees as ``path`` makes them, or None where it has another length."""
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place // 2, last // 2
    earlier = later = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if place % 2 or place == last:
            earlier, later = node_hash(sibling, earlier), node_hash(sibling, later)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            later = node_hash(later, sibling)
        place, last = place // 2, last // 2
    return None if last else (earlier, later)
