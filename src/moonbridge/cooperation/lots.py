"""Names drawn by lot: they tell nobody how many others there are, nor in which order they came."""

import secrets
from collections.abc import Container
from typing import Final

_LETTERS: Final = "23456789BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, which could make a word, and nothing that looks like something else."""


def drawn(prefix: str, taken: Container[str], *, length: int = 4) -> str:
    """Return ``prefix`` with ``length`` characters drawn by lot, a name that is not ``taken``; the caller holds the lock on these."""
    while (name := prefix + "".join(secrets.choice(_LETTERS) for _ in range(length))) in taken:
        pass
    return name
