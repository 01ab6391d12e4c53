"""What somebody asks of an assignment."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

type Pair = tuple[UUID, UUID]
"""The ids of an item and of a seat."""


class Aim(TextChoices):
    """What an assignment makes as great as possible."""

    TOTAL = "total", _("the greatest total")
    FLOOR = "floor", _("first the best for the worst-served proposal, then the greatest total")
    KEEP = "keep", _("as few changes as possible, then the greatest total")
    DRAW = "draw", _("a draw in which no pair is likelier than a cap")
    REPLACE = "replace", _("a replacement as the least change")
    HAND = "hand", _("by hand")


CHOSEN: Final = (Aim.TOTAL, Aim.FLOOR, Aim.KEEP, Aim.DRAW)
"""What a person chooses from; the others come about by themselves."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The aim with its settings.

    ``must`` and ``must_not`` are pairs that the office pins; ``reserves``: those held in reserve may be asked; ``reason`` says why
    something was done by hand.
    """

    aim: Aim
    cap: str = ""
    seed: int = 0
    reserves: bool = False
    must: tuple[Pair, ...] = ()
    must_not: tuple[Pair, ...] = ()
    reason: str = ""

    def kept(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        pairs = {name: [[str(a), str(b)] for a, b in getattr(self, name)] for name in ("must", "must_not")}
        return asdict(self) | {"aim": self.aim.value} | pairs

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Asked":
        """Return what :meth:`kept` wrote."""
        pairs = {name: tuple((UUID(a), UUID(b)) for a, b in kept[name]) for name in ("must", "must_not")}
        return cls(**{**kept, "aim": Aim(kept["aim"]), **pairs})
