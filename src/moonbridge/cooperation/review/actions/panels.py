"""Shape panels: what they judge, by which criteria, how much, and what their marks mean."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Criterion
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.review.actions.rounds import held_running, seal
from moonbridge.cooperation.review.actions.seats import held_panel
from moonbridge.cooperation.review.models import Descriptor, Item, Panel, PanelKind, Review, Round
from moonbridge.cooperation.review.quotas import Quota
from moonbridge.cooperation.review.sight import Sight
from moonbridge.errors import InputError, Refused
from moonbridge.record.actions import once


@dataclass(frozen=True, slots=True)
class Shape:
    """How a panel works. The fields mean what they mean in :class:`Panel`; ``criteria`` are ids of the call's criteria."""

    name: str
    kind: PanelKind = PanelKind.SCIENCE
    criteria: tuple[UUID, ...] = ()
    demand: int = 3
    least: int = 0
    most: int = 8
    quotas: tuple[Quota, ...] = ()
    distributed: bool = False
    per_team: int = 10
    penalty: bool = False

    def plain(self) -> dict[str, Any]:
        """Return the columns of a panel by name, the criteria left out."""
        return {
            "name": self.name.strip(), "kind": self.kind.value, "demand": self.demand, "least": self.least, "most": self.most,
            "quotas": list(self.quotas), "distributed": self.distributed, "per_team": self.per_team, "penalty": self.penalty,
        }  # fmt: skip

    def asked(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return self.plain() | {"criteria": sorted(map(str, self.criteria))}


def add_panel(round_: Round, shape: Shape, *, by: User, command: UUID) -> Panel:
    """Add a panel, as the office; every submitted proposal is before it."""

    def act() -> str:
        held = held_running(round_, by)
        _require_sound(held, shape)
        made = Panel.objects.create(round=held, position=held.panels.count(), **shape.plain())
        made.criteria.set(Criterion.objects.filter(pk__in=shape.criteria))
        _put_before(made, held.opportunity.proposals.all())
        seal(held, "add panel", {"panel": str(made.pk), "kind": made.kind}, by=by)
        return str(made.pk)

    asked = {"round": str(round_.pk)} | shape.asked()
    return again(once(command, "review.add-panel", asked, act, by=by))


def change_panel(panel: Panel, shape: Shape, *, by: User, command: UUID) -> Panel:
    """Change how a panel works, as the office. Its kind and criteria stay once it has reviews: these were given by them."""

    def act() -> str:
        held = held_panel(panel, by)
        _require_sound(held.round, shape, but=held)
        before = set(held.criteria.values_list("pk", flat=True))
        same = before == set(shape.criteria) and (held.kind, held.distributed) == (shape.kind, shape.distributed)
        if not same and Review.objects.filter(item__panel=held).exists():
            raise Refused(gettext("Reviews exist already: kind and criteria of this panel stay as they are."))
        Panel.objects.filter(pk=held.pk).update(**shape.plain())
        held.criteria.set(Criterion.objects.filter(pk__in=shape.criteria))
        held.descriptors.exclude(criterion__in=shape.criteria).delete()
        seal(held.round, "change panel", {"panel": str(held.pk), "kind": shape.kind.value}, by=by)
        return str(held.pk)

    asked = {"panel": str(panel.pk)} | shape.asked()
    return again(once(command, "review.change-panel", asked, act, by=by))


def _require_sound(round_: Round, shape: Shape, *, but: Panel | None = None) -> None:
    """Refuse a shape that contradicts itself, the call, or another panel of the round."""
    name = shape.name.strip()
    if not name:
        raise InputError(gettext("Give the panel a name."), field="name")
    if round_.panels.filter(name=name).exclude(pk__in=[but.pk] if but else []).exists():
        raise InputError(gettext("Another panel has this name."), field="name")
    if shape.least > shape.most:
        raise InputError(gettext("The least number of reviews is above the most."), field="least")
    if shape.demand < 1:
        raise InputError(gettext("A proposal has at least one review."), field="demand")
    if shape.penalty and not shape.distributed:
        raise InputError(gettext("The penalty is for panels in which the teams review each other."), field="penalty")
    if round_.opportunity.criteria.filter(pk__in=shape.criteria).count() != len(set(shape.criteria)):
        raise InputError(gettext("Choose criteria of this call."), field="criteria")


def remove_panel(panel: Panel, *, by: User, command: UUID) -> None:
    """Remove a panel without reviews and without people, as the office."""

    def act() -> None:
        held = held_panel(panel, by)
        if Review.objects.filter(item__panel=held).exists() or held.seats.exists():
            raise Refused(gettext("A panel in which somebody sits or sat, or which has reviews, stays for the record."))
        seal(held.round, "remove panel", {"panel": str(held.pk)}, by=by)
        held.delete()

    once(command, "review.remove-panel", {"panel": str(panel.pk)}, act, by=by)


def bring(panel: Panel, proposals: Collection[UUID], *, by: User, command: UUID) -> None:
    """Put submitted proposals before a panel, as the office; those that are there already stay."""

    def act() -> None:
        held = held_panel(panel, by)
        _put_before(held, Proposal.objects.filter(Sight(by).uninvolved(), pk__in=proposals))
        seal(held.round, "bring proposals", {"panel": str(held.pk)}, by=by)

    asked = {"panel": str(panel.pk), "proposals": sorted(map(str, proposals))}
    once(command, "review.bring", asked, act, by=by)


def _put_before(panel: Panel, proposals: QuerySet[Proposal]) -> None:
    """Make items of those among ``proposals`` that were submitted for this call and are not before the panel."""
    submitted = proposals.filter(opportunity=panel.round.opportunity_id, state=ProposalState.SUBMITTED)
    Item.objects.bulk_create(Item(panel=panel, proposal=one) for one in submitted.exclude(items__panel=panel))


def take_away(panel: Panel, items: Collection[UUID], *, by: User, command: UUID, to: Panel | None = None) -> None:
    """Take items without reviews away from a panel, as the office, or move them ``to`` another one of the round."""

    def act() -> None:
        held = held_panel(panel, by)
        asked_for = held.items.filter(Sight(by).managed(), pk__in=items)
        going = list(asked_for.select_for_update(of=("self",)))
        if Review.objects.filter(item__in=going).exists():
            raise Refused(
                gettext("A proposal with reviews in this panel stays before it; take the reviews back instead.")
            )
        if to is not None:
            _put_before(_other(held, to), Proposal.objects.filter(items__in=going))
        held.items.filter(pk__in=[item.pk for item in going]).delete()
        seal(held.round, "take proposals away", {"panel": str(held.pk), "to": str(to.pk) if to else ""}, by=by)

    asked = {"panel": str(panel.pk), "items": sorted(map(str, items)), "to": str(to.pk) if to else None}
    once(command, "review.take-away", asked, act, by=by)


def _other(panel: Panel, to: Panel) -> Panel:
    """Return the panel ``to`` with the locked round of ``panel``, to which it must belong."""
    found = Panel.objects.select_for_update(of=("self",), no_key=True).get(pk=to.pk, round=panel.round_id)
    found.round = panel.round
    return found


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a mark means: the id of its criterion, the mark in thousandths, and the words in English and Chinese."""

    criterion: UUID
    value_permille: int
    text: str
    text_zh: str = ""


def describe(panel: Panel, meanings: Collection[Meaning], *, by: User, command: UUID) -> None:
    """Say what the marks of a panel mean, as the office; replaces what was said before."""

    def act() -> None:
        held = held_panel(panel, by)
        scales = {criterion.pk: criterion for criterion in held.criteria.all()}
        for one in meanings:
            _require_on_scale(one, scales.get(one.criterion))
        held.descriptors.all().delete()
        Descriptor.objects.bulk_create(
            Descriptor(
                panel=held, criterion_id=one.criterion, value_permille=one.value_permille, text=one.text,
                text_zh=one.text_zh,
            )
            for one in meanings
        )  # fmt: skip

    said = [[str(one.criterion), one.value_permille, one.text, one.text_zh] for one in meanings]
    once(command, "review.describe", {"panel": str(panel.pk), "meanings": said}, act, by=by)


def _require_on_scale(meaning: Meaning, criterion: Criterion | None) -> None:
    if criterion is None or not criterion.lowest * 1000 <= meaning.value_permille <= criterion.highest * 1000:
        raise InputError(gettext("A mark lies on the scale of a criterion of this panel."), field="value")


def again(key: str | UUID) -> Panel:
    """Return the panel with this id as it stands now."""
    return Panel.objects.select_related("round__opportunity__agency").get(pk=key)
