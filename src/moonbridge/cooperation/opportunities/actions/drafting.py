"""Draft an opportunity, alone or after an earlier one."""

import dataclasses
import secrets
from uuid import UUID

from django.utils.text import slugify
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities import rules
from moonbridge.cooperation.opportunities.actions.writing import again, held_by_office, write
from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.opportunities.terms import Terms, read, said
from moonbridge.cooperation.programmes.models import Mission, Partner
from moonbridge.errors import InputError, WrongState
from moonbridge.record.actions import once

NOT_SLUGS = frozenset({"new", "mine", "overdue", "following"})
"""Words that stand for pages of their own under ``/opportunities/``."""


def draft(
    *,
    agency: Partner,
    mission: Mission,
    title: str,
    by: User,
    command: UUID,
    origin: Origin = Origin.REAL,
    catalogue_call: str = "",
) -> Opportunity:
    """Begin a draft of ``agency`` for one of its missions; all elements of the mission are offered until said otherwise."""

    def act() -> str:
        rules.require(rules.may_draft, by, agency)
        if mission.agency_id != agency.pk:
            raise InputError(_("An agency offers places on its own missions only."), field="mission")
        made = Opportunity.objects.create(
            slug=_free_slug(title, mission), agency=agency, mission=mission, title=title, origin=origin,
            catalogue_call=catalogue_call, created_by=by,
        )  # fmt: skip
        made.elements.set(mission.elements.all())
        return str(made.pk)

    asked = {
        "agency": str(agency.pk),
        "mission": str(mission.pk),
        "title": title,
        "origin": str(origin),
        "call": catalogue_call,
    }
    return again(once(command, "opportunity.draft", asked, act, by=by))


def save_draft(
    opportunity: Opportunity, terms: Terms, *, by: User, command: UUID, version: int | None = None
) -> Opportunity:
    """Give a draft these ``terms``; they may be incomplete. Raises :class:`Stale` when ``version`` is not the present one."""

    def act() -> str:
        held = held_by_office(opportunity, by, version)
        if held.state != State.DRAFT:
            raise WrongState(_("This opportunity is published; change it by an amendment."), state=held.state)
        write(held, terms)
        return str(held.pk)

    asked = {"opportunity": str(opportunity.pk), "terms": said(terms), "version": version}
    return again(once(command, "opportunity.save-draft", asked, act, by=by))


def duplicate(opportunity: Opportunity, *, by: User, command: UUID) -> Opportunity:
    """Begin a draft with the terms of an earlier opportunity of the same agency, without its dates."""

    def act() -> str:
        earlier = held_by_office(opportunity, by)
        title = _("%(title)s (copy)") % {"title": earlier.title[:190]}
        terms = dataclasses.replace(read(earlier), title=title, deadline=None, letter_deadline=None, stage_dates=())
        made = Opportunity.objects.create(
            slug=_free_slug(title, earlier.mission), agency=earlier.agency, mission=earlier.mission, title=title, created_by=by,
            origin=Origin.SYNTHETIC if earlier.origin == Origin.SYNTHETIC else Origin.REAL,
        )  # fmt: skip
        write(made, terms)
        return str(made.pk)

    return again(once(command, "opportunity.duplicate", {"opportunity": str(opportunity.pk)}, act, by=by))


def _free_slug(title: str, mission: Mission) -> str:
    wanted = slugify(title)[:70].strip("-") or f"{mission.slug[:65]}-call"
    taken = wanted in NOT_SLUGS or Opportunity.objects.filter(slug=wanted).exists()
    return f"{wanted}-{secrets.token_hex(4)}" if taken else wanted
