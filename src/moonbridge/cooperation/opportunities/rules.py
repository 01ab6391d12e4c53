"""Who may do what with an opportunity."""

from typing import Any

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, holds
from moonbridge.accounts.rules import predicate
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import PUBLIC, State
from moonbridge.cooperation.programmes.rules import is_office as offices_agency
from moonbridge.errors import NotAllowed


def _is_office(user: Visitor, opportunity: Opportunity | None) -> bool:
    return opportunity is not None and holds(user, RoleKind.OFFICE, Scope.AGENCY, opportunity.agency_id)


def _is_public(_: Visitor, opportunity: Opportunity | None) -> bool:
    return opportunity is not None and opportunity.state in PUBLIC


def _is_open(_: Visitor, opportunity: Opportunity | None) -> bool:
    return opportunity is not None and opportunity.state == State.OPEN


def _is_signed_in(user: Visitor, _: Any = None) -> bool:
    return user.is_authenticated


may_draft = offices_agency
"""For an agency: its office."""
is_office = predicate(_is_office)
is_public = predicate(_is_public)
is_signed_in = predicate(_is_signed_in)
can_see = is_public | is_office
can_ask = is_signed_in & predicate(_is_open)
can_follow = is_public
"""Strangers too: they confirm their address by mail."""


def require(rule: Any, user: Visitor, thing: object) -> None:
    """Raise :class:`NotAllowed` unless ``rule`` holds for ``user`` and ``thing``."""
    if not rule(user, thing):
        raise NotAllowed("This is not yours to do.")
