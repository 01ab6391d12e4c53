"""Seat people in panels, say what is known of them, and let them go."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation import lots
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.actions.conflicts import take_in
from moonbridge.cooperation.review.actions.recusals import propose_replacement
from moonbridge.cooperation.review.actions.rounds import held_running, seal
from moonbridge.cooperation.review.detecting import new_among, stated
from moonbridge.cooperation.review.models import Duty, Panel, Review, Round, Seat
from moonbridge.cooperation.review.states import DUE, ReviewState
from moonbridge.errors import InputError, Refused, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now


@dataclass(frozen=True, slots=True)
class About:
    """What the assignment needs to know of somebody; least and most are None where the panel's own bounds hold."""

    least: int | None = None
    most: int | None = None
    orcid: str = ""
    ror: str = ""
    funding: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "About":
        """Return what :func:`said` made into JSON."""
        read: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()
        }
        return cls(**read)


def seat(
    panel: Panel,
    user: User,
    duty: Duty,
    *,
    by: User,
    command: UUID,
    about: About | None = None,
    for_team: Proposal | None = None,
) -> Seat:
    """Seat ``user`` in ``panel``, as the office. Whoever sat there before and left gets the old seat back, with its label.

    ``for_team`` is the proposal whose team sends a peer. A chair who is there already must leave first.
    """
    known = about or About()

    def act() -> str:
        held = held_panel(panel, by)
        return str(place(held, user, duty, by=by, about=known, for_team=for_team).pk)

    asked = {
        "panel": str(panel.pk), "user": str(user.pk), "duty": duty.value, "about": said(known),
        "team": str(for_team.pk) if for_team else None,
    }  # fmt: skip
    return again(once(command, "review.seat", asked, act, by=by))


def place(panel: Panel, user: User, duty: Duty, *, by: User, about: About, for_team: Proposal | None = None) -> Seat:
    """Write a seat and seal it; the caller holds the panel's lock and the right to do so.

    What teams said of the person stands as a conflict from then on, unless it was lifted before.
    """
    before = panel.seats.filter(user=user).first()
    if before is not None and before.left_at is None:
        raise WrongState(gettext("This person sits in the panel already."))
    _require_duty(panel, duty, for_team)
    _require_load(panel, about)
    seat = before or Seat(panel=panel, user=user, label=_free_label(panel.round))
    seat.duty, seat.for_team, seat.seated_by = duty, for_team, by
    seat.left_at, seat.left_because = None, ""
    _write(seat, about)
    seal(panel.round, "seat", {"panel": str(panel.pk), "seat": str(seat.pk), "duty": duty.value}, by=by)
    take_in(new_among(stated(panel.items.all(), panel.seats.filter(pk=seat.pk))), by)
    return seat


def _require_duty(panel: Panel, duty: Duty, for_team: Proposal | None) -> None:
    if duty == Duty.CHAIR and panel.seats.filter(duty=Duty.CHAIR, left_at=None).exists():
        raise Refused(gettext("This panel has a chair, who must leave first."))
    if (duty == Duty.PEER) != (for_team is not None):
        raise InputError(gettext("A peer, and nobody else, comes from a team."), field="duty")


def _require_load(panel: Panel, about: About) -> None:
    least = panel.least if about.least is None else about.least
    most = panel.most if about.most is None else about.most
    if least > most:
        raise InputError(
            gettext("The least number of reviews is above the most."), field="least", least=least, most=most
        )


def _free_label(round_: Round) -> str:
    """Return a label that nobody in the round has, so that tables of several panels do not mix people up."""
    return lots.drawn("R-", set(Seat.objects.filter(panel__round=round_).values_list("label", flat=True)))


def _write(seat: Seat, about: About) -> None:
    for name, value in said(about).items():
        setattr(seat, name, value)
    seat.save()


def said(about: About) -> dict[str, object]:
    """Return what is known of somebody as plain JSON, by the names of a seat's fields."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(about).items()}


def change(seat: Seat, duty: Duty, about: About, *, by: User, command: UUID) -> Seat:
    """Change what somebody is in a panel and what is known of them, as the office."""

    def act() -> str:
        panel = held_panel(seat.panel, by)
        rewrite(panel, seat, duty, about)
        if duty != seat.duty:
            seal(panel.round, "change duty", {"seat": str(seat.pk), "duty": duty.value}, by=by)
        return str(seat.pk)

    asked = {"seat": str(seat.pk), "duty": duty.value, "about": said(about)}
    return again(once(command, "review.change-seat", asked, act, by=by))


def rewrite(panel: Panel, seat: Seat, duty: Duty, about: About) -> None:
    """Write duty and knowledge of a seat anew; the caller holds the panel's lock and the right to do so."""
    kept = panel.seats.select_for_update(of=("self",), no_key=True).get(pk=seat.pk)
    if kept.left_at is not None:
        raise WrongState(gettext("This person has left the panel."))
    _require_load(panel, about)
    if duty != kept.duty:
        _require_duty(panel, duty, kept.for_team)
    kept.duty = duty
    _write(kept, about)


def leave(seat: Seat, *, because: str, by: User, command: UUID) -> Seat:
    """Let somebody go, with a reason, as the office. What they owe is taken back, and replacements are proposed.

    What they submitted stays and counts.
    """

    def act() -> str:
        panel = held_panel(seat.panel, by)
        kept = panel.seats.select_for_update(of=("self",), no_key=True).get(pk=seat.pk)
        if kept.left_at is not None:
            raise WrongState(gettext("This person has left the panel already."))
        if not because.strip():
            raise InputError(gettext("Say why; the office and the panel's secretary read it."), field="because")
        release_due(kept, because=because.strip())
        kept.left_at, kept.left_because = database_now(), because.strip()[:300]
        kept.save(update_fields=["left_at", "left_because"])
        seal(panel.round, "leave seat", {"panel": str(panel.pk), "seat": str(kept.pk)}, by=by)
        return str(kept.pk)

    return again(once(command, "review.leave", {"seat": str(seat.pk), "because": because}, act, by=by))


def release_due(seat: Seat, *, because: str) -> None:
    """Take back what a seat owes and have replacements proposed; the caller holds the locks of round and panel."""
    owed = Review.objects.select_for_update(of=("self",)).filter(seat=seat, state__in=sorted(DUE))
    released = list(owed.select_related("item__panel").order_by("pk"))
    Review.objects.filter(pk__in=[review.pk for review in released]).update(
        state=ReviewState.RELEASED, ended_because=because[:500]
    )
    if released:
        propose_replacement(*(review.item for review in released))


def held_panel(panel: Panel, by: User) -> Panel:
    """Lock the running round and then the panel, for the office, and return the panel as it stands now."""
    round_ = held_running(Round(pk=panel.round_id), by)
    held = Panel.objects.select_for_update(of=("self",), no_key=True).get(pk=panel.pk)
    held.round = round_
    return held


def again(key: str | UUID) -> Seat:
    """Return the seat with this id as it stands now."""
    return Seat.objects.select_related("panel__round__opportunity__agency", "user").get(pk=key)
