"""Where the review of an opportunity stands, and what its next step lacks, as far as the person who asks may know.

A step that lacks something necessary is refused; one that lacks something usual is taken only when the person confirms it. Every
count goes by the person's sight: an officer with a conflict learns nothing here of the review of that proposal.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, ngettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.review.late import late_findings, late_sentence
from moonbridge.cooperation.review.models import JUDGING, Allocation, Duty, Item, Panel, PanelKind, Round, Seat
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE, AllocationState, ItemState, ReviewState, RoundState


@dataclass(slots=True)
class PanelStanding:
    """Where one panel stands. ``proposals`` and all that is counted of their reviews are those that the person may know."""

    panel: Panel
    criteria: int
    adopted: bool
    proposals: int = 0
    too_few: int = 0
    bare: int = 0
    undiscussed: int = 0
    reviews: int = 0
    submitted: int = 0
    people: dict[Duty, int] = field(default_factory=dict)

    @property
    def judges(self) -> int:
        """How many people can be given reviews."""
        return sum(n for duty, n in self.people.items() if duty in JUDGING)

    @property
    def named_people(self) -> list[tuple[str, int]]:
        """How many hold each duty, by its name."""
        return [(str(duty.label), self.people[duty]) for duty in Duty if duty in self.people]

    @property
    def due(self) -> int:
        """How many reviews are still owed."""
        return self.reviews - self.submitted


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the review of an opportunity stands."""

    round: Round
    panels: tuple[PanelStanding, ...]
    late: int = 0
    """How many conflicts of people who review now wait to be settled, of those that the person may know."""

    def total(self, name: str) -> int:
        """Return the sum of a count over all panels."""
        return sum(getattr(panel, name) for panel in self.panels)


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a step would need. ``necessary``: nobody can confirm it away."""

    sentence: str
    necessary: bool = False


def standing(round_: Round, *, by: User) -> Standing:
    """Return where the review stands, in four queries however large it is."""
    adopted = Allocation.objects.filter(panel=OuterRef("pk"), state=AllocationState.ADOPTED)
    panels = round_.panels.annotate(judged_by=Count("criteria"), assigned=Exists(adopted)).order_by("position", "name")
    found = {panel.pk: PanelStanding(panel, panel.judged_by, panel.assigned) for panel in panels}
    _count_items(round_, by, found)
    seated = Seat.objects.filter(panel__round=round_, left_at=None).values_list("panel_id", "duty")
    for panel, duty, count in seated.annotate(n=Count("pk")).order_by():
        found[panel].people[Duty(duty)] = count
    return Standing(round_, tuple(found.values()), late_findings(by, round_).count())


def _count_items(round_: Round, by: User, found: Mapping[UUID, PanelStanding]) -> None:
    items = Item.objects.filter(Sight(by).managed(), panel__round=round_, proposal__state=ProposalState.SUBMITTED)
    counted = items.annotate(
        wanted=Coalesce("demand", F("panel__demand")),
        given=Count("reviews", filter=Q(reviews__state__in=sorted(ACTIVE))),
        done=Count("reviews", filter=Q(reviews__state=ReviewState.SUBMITTED)),
    )
    for panel, state, left_out, wanted, given, done in counted.order_by().values_list(
        "panel_id", "state", "left_out_because", "wanted", "given", "done"
    ):
        one = found[panel]
        one.proposals += 1
        one.too_few += given < wanted
        one.bare += not done
        one.undiscussed += state != ItemState.CLOSED and not left_out
        one.reviews += given
        one.submitted += done


def lacks(now: Standing, verb: str) -> tuple[Lack, ...]:
    """Return what the step ``verb`` of the table ROUND lacks."""
    return tuple(lack for check in _CHECKS[verb] for lack in check(now))


def _panels(now: Standing) -> Iterator[Lack]:
    if not now.panels:
        yield Lack(gettext("There is no panel yet."), necessary=True)
    for one in now.panels:
        if not one.proposals:
            yield Lack(gettext("No proposal is before the panel “%(panel)s”.") % {"panel": one.panel})
        if one.panel.kind == PanelKind.SCIENCE and not one.criteria:
            yield Lack(gettext("The panel “%(panel)s” judges by no criterion.") % {"panel": one.panel}, necessary=True)


def _people(now: Standing) -> Iterator[Lack]:
    for one in now.panels:
        if not one.judges:
            sentence = gettext("Nobody who can review sits in the panel “%(panel)s”.") % {"panel": one.panel}
            yield Lack(sentence, necessary=True)
        if Duty.CHAIR not in one.people and not one.panel.distributed:
            yield Lack(gettext("The panel “%(panel)s” has no chair.") % {"panel": one.panel})


def _assignment(now: Standing) -> Iterator[Lack]:
    for one in now.panels:
        if not one.adopted:
            yield Lack(gettext("No assignment is adopted for the panel “%(panel)s”.") % {"panel": one.panel})
    if few := now.total("too_few"):
        text = ngettext(
            "%(n)d proposal has fewer reviewers than its panel demands.",
            "%(n)d proposals have fewer reviewers than their panel demands.",
            few,
        )
        yield Lack(text % {"n": few})


def _outstanding(now: Standing) -> Iterator[Lack]:
    if late := now.total("due"):
        text = ngettext("%(n)d review is not submitted yet.", "%(n)d reviews are not submitted yet.", late)
        yield Lack(text % {"n": late})


def _conflicts(now: Standing) -> Iterator[Lack]:
    if now.late:
        yield Lack(late_sentence(now.late))


def _something_sealed(now: Standing) -> Iterator[Lack]:
    if not now.round.is_dual:
        yield Lack(gettext("Nothing is sealed: this call is not dual-anonymous."), necessary=True)


def _end(now: Standing) -> Iterator[Lack]:
    if now.round.is_dual and now.round.state != RoundState.CHECKING:
        yield Lack(gettext("The sealed parts have not been opened to the panels."))
    if bare := now.total("bare"):
        text = ngettext("%(n)d proposal has no review at all.", "%(n)d proposals have no review at all.", bare)
        yield Lack(text % {"n": bare})
    if now.round.state != RoundState.REVIEWING and (open_ := now.total("undiscussed")):
        text = ngettext("%(n)d proposal was not discussed.", "%(n)d proposals were not discussed.", open_)
        yield Lack(text % {"n": open_})


_CHECKS: Final[Mapping[str, tuple[Callable[[Standing], Iterator[Lack]], ...]]] = {
    "ask": (_panels, _people),
    "start": (_panels, _people, _assignment, _conflicts),
    "discuss": (_outstanding, _conflicts),
    "resume": (),
    "unseal": (_something_sealed, _outstanding, _conflicts),
    "conclude": (_outstanding, _end, _conflicts),
}
