"""Words of conflicts and assignments in templates."""

from typing import Final

from django import template

from moonbridge.cooperation.review.aims import Aim
from moonbridge.cooperation.review.models import Ground, Source
from moonbridge.cooperation.review.states import AllocationState

register = template.Library()

_TONES: Final[dict[str, str]] = {
    AllocationState.ADOPTED: "good",
    AllocationState.PROPOSED: "info",
    AllocationState.IMPOSSIBLE: "bad",
}


@register.filter
def ground_name(ground: str) -> str:
    """Return a kind of tie in words."""
    return str(Ground(ground).label)


@register.filter
def source_name(source: str) -> str:
    """Return who says that there is a conflict, in words."""
    return str(Source(source).label)


@register.filter
def aim_name(aim: str) -> str:
    """Return what an assignment was asked for, in words."""
    return str(Aim(aim).label)


@register.filter
def allocation_tone(state: str) -> str:
    """Return the tone of a badge that says where an assignment stands."""
    return _TONES.get(state, "")
