"""One table of transitions serves the action's check, the database trigger and the page of the docs."""

from collections.abc import Mapping
from dataclasses import dataclass

import pgtrigger
from django.db.models import TextChoices

from moonbridge.errors import WrongState


@dataclass(frozen=True)
class Transitions:
    """Verb -> (states from which it is possible, state to which it leads)."""

    table: Mapping[str, tuple[frozenset[TextChoices], TextChoices]]

    def after(self, verb: str, state: str) -> str:
        """Return the state to which ``verb`` leads from ``state``; raises :class:`WrongState` when it is not possible there."""
        sources, target = self.table[verb]
        if state not in sources:
            possible = ", ".join(sorted(source.value for source in sources))
            raise WrongState(
                f"It is {state}; to {verb} it must be {possible}.", verb=verb, state=state, possible=possible
            )
        return target.value

    def pairs(self) -> list[tuple[str, str]]:
        """Return each allowed (from, to) once, sorted."""
        found = {(source.value, target.value) for sources, target in self.table.values() for source in sources}
        return sorted(pair for pair in found if pair[0] != pair[1])

    def trigger(self, field: str = "state") -> pgtrigger.FSM:
        """Return the database trigger that refuses every other change of ``field``."""
        return pgtrigger.FSM(name=f"{field}_transitions", field=field, transitions=self.pairs())

    def rows(self) -> list[tuple[str, str, str]]:
        """Return (from, verb, to) of every step, in the order of the table: the picture of it in the docs."""
        return [
            (source.value, verb, target.value)
            for verb, (sources, target) in self.table.items()
            for source in sorted(sources)
        ]
