"""What is missing before the review of an opportunity takes its next step, as far as the person who takes it may know.

A step that lacks something necessary is refused; one that lacks something usual is taken only when the person confirms it. Every
count goes by the person's sight: an officer with a conflict learns nothing here of the review of that proposal.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, ngettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.review.models import JUDGING, Item, PanelKind, Review, Round
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE, DUE, AllocationState, ItemState, ReviewState, RoundState


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a step would need. ``necessary``: nobody can confirm it away."""

    sentence: str
    necessary: bool = False


def lacks(round_: Round, verb: str, *, by: User) -> tuple[Lack, ...]:
    """Return what the step ``verb`` of the table ROUND lacks, as far as ``by`` may know it."""
    return tuple(_CHECKS[verb](round_, by))


def items_under_review(round_: Round, *, by: User) -> QuerySet[Item]:
    """Return the proposals before the panels that ``by`` may see and that still stand."""
    standing = Item.objects.filter(panel__round=round_, proposal__state=ProposalState.SUBMITTED)
    return standing.filter(Sight(by).items())


def _before_declarations(round_: Round, by: User) -> Iterator[Lack]:
    yield from _panels(round_, by)
    yield from _people(round_)


def _panels(round_: Round, by: User) -> Iterator[Lack]:
    filled = set(items_under_review(round_, by=by).values_list("panel_id", flat=True))
    panels = list(round_.panels.annotate(judged_by=Count("criteria")))
    if not panels:
        yield Lack(gettext("There is no panel yet."), necessary=True)
    for panel in panels:
        if panel.pk not in filled:
            yield Lack(gettext("No proposal is before the panel “%(panel)s”.") % {"panel": panel})
        if panel.kind == PanelKind.SCIENCE and not panel.judged_by:
            yield Lack(gettext("The panel “%(panel)s” judges by no criterion.") % {"panel": panel}, necessary=True)


def _people(round_: Round) -> Iterator[Lack]:
    seated = Q(seats__left_at=None)
    counted = round_.panels.annotate(
        judges=Count("seats", filter=seated & Q(seats__duty__in=JUDGING)),
        chairs=Count("seats", filter=seated & Q(seats__duty="chair")),
    )
    for panel in counted:
        if not panel.judges:
            yield Lack(
                gettext("Nobody who can review sits in the panel “%(panel)s”.") % {"panel": panel}, necessary=True
            )
        if not panel.chairs and not panel.distributed:
            yield Lack(gettext("The panel “%(panel)s” has no chair.") % {"panel": panel})


def _before_reviews(round_: Round, by: User) -> Iterator[Lack]:
    yield from _panels(round_, by)
    yield from _people(round_)
    if not round_.allocations.filter(state=AllocationState.ADOPTED).exists():
        yield Lack(gettext("No assignment of proposals to reviewers has been adopted."))
    yield from _too_few(round_, by)


def _too_few(round_: Round, by: User) -> Iterator[Lack]:
    active = Count("reviews", filter=Q(reviews__state__in=sorted(ACTIVE)))
    wanted = Coalesce("demand", "panel__demand")
    items = items_under_review(round_, by=by).annotate(given=active, wanted=wanted)
    if few := items.filter(given__lt=wanted).count():
        text = ngettext(
            "%(n)d proposal has fewer reviewers than its panel demands.",
            "%(n)d proposals have fewer reviewers than their panel demands.",
            few,
        )
        yield Lack(text % {"n": few})


def _outstanding(round_: Round, by: User) -> Iterator[Lack]:
    due = Review.objects.filter(Sight(by).reviews(), item__in=items_under_review(round_, by=by), state__in=sorted(DUE))
    if late := due.count():
        text = ngettext("%(n)d review is not submitted yet.", "%(n)d reviews are not submitted yet.", late)
        yield Lack(text % {"n": late})


def _before_unsealing(round_: Round, by: User) -> Iterator[Lack]:
    if not round_.is_dual:
        sentence = gettext("Nothing is sealed: this call is not dual-anonymous.")
        yield Lack(sentence, necessary=True)
    yield from _outstanding(round_, by)


def _before_the_end(round_: Round, by: User) -> Iterator[Lack]:
    yield from _outstanding(round_, by)
    if round_.is_dual and round_.state != RoundState.CHECKING:
        yield Lack(gettext("The sealed parts have not been opened to the panels."))
    submitted = Count("reviews", filter=Q(reviews__state=ReviewState.SUBMITTED))
    items = items_under_review(round_, by=by).annotate(given=submitted)
    if bare := items.filter(given=0).count():
        text = ngettext("%(n)d proposal has no review at all.", "%(n)d proposals have no review at all.", bare)
        yield Lack(text % {"n": bare})
    if round_.state != RoundState.REVIEWING and (open_ := items.exclude(state=ItemState.CLOSED).count()):
        text = ngettext("%(n)d proposal was not discussed.", "%(n)d proposals were not discussed.", open_)
        yield Lack(text % {"n": open_})


def _nothing(_round: Round, _by: User) -> Iterator[Lack]:
    yield from ()


_CHECKS: Final[Mapping[str, Callable[[Round, User], Iterator[Lack]]]] = {
    "ask": _before_declarations,
    "start": _before_reviews,
    "discuss": _outstanding,
    "resume": _nothing,
    "unseal": _before_unsealing,
    "conclude": _before_the_end,
}
