"""What makes a fact otherwise, as data: which columns of which rows are written, or which rows go.

Facts that touch the same columns of a row cannot be changed at once, since the later would hide the earlier: they are changed in passes.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.db import transaction
from django.db.models import Model

from worlds.making import Case


@dataclass(frozen=True)
class Change:
    """Columns of a row that are written behind the back of every trigger; without ``values`` the row goes, and nothing that hangs on it."""

    row: Model
    values: Mapping[str, Any] | None

    def make(self) -> None:
        """Write it."""
        found = type(self.row).objects.filter(pk=self.row.pk)
        if self.values is None:
            found._raw_delete(using="default")
        else:
            found.update(**self.values)

    def touches(self, model: str, column: str) -> bool:
        """Return whether a column differs afterwards; all of them do where the row goes."""
        return type(self.row).__name__ == model and (self.values is None or column in self.values)

    def hides(self, other: "Change") -> bool:
        """Return whether ``other`` cannot be seen beside this one, or this one beside it."""
        if type(self.row) is not type(other.row) or self.row.pk != other.row.pk:
            return False
        return self.values is None or other.values is None or not self.values.keys().isdisjoint(other.values)


type Changes = tuple[Change, ...]


def written(row: Model, /, **values: Any) -> Changes:
    """Return that columns of a row are otherwise."""
    return (Change(row, values),)


def erased(*rows: Model) -> Changes:
    """Return that rows are not there."""
    return tuple(Change(row, None) for row in rows)


@dataclass(frozen=True)
class Fact:
    """Something in one case that only ``knows`` may learn; ``changes`` make it otherwise and nothing else."""

    name: str
    case: Case
    knows: frozenset[str]
    changes: Changes

    @property
    def key(self) -> str:
        """The name that no other fact has."""
        return f"{self.case.name}: {self.name}"

    def hides(self, other: "Fact") -> bool:
        """Return whether one of both could not be seen differing if both were changed at once."""
        return self.case is other.case and any(one.hides(two) for one in self.changes for two in other.changes)


def passes(facts: Iterable[Fact]) -> list[list[Fact]]:
    """Return the facts in as few groups as they fall into one by one, so that in no group a fact hides another.

    Rows that go come first: whether something is there decides at more addresses than what it says.
    """
    made: list[list[Fact]] = []
    for fact in sorted(facts, key=lambda fact: all(change.values is not None for change in fact.changes)):
        group = next((one for one in made if not any(fact.hides(other) for other in one)), None)
        if group is None:
            made.append([fact])
        else:
            group.append(fact)
    return made


@contextmanager
def other_world(changed: Iterable[Fact]) -> Iterator[None]:
    """Within it the facts are otherwise; leaving it, everything is as it was."""
    with transaction.atomic():
        with pgtrigger.ignore():
            for fact in changed:
                for change in fact.changes:
                    change.make()
        yield
        transaction.set_rollback(True)
