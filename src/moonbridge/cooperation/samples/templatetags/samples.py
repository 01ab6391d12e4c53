"""Masses, and the statements of a policy, as pages show them."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.samples.words import OWED
from moonbridge.engines.lending.dates import Period
from moonbridge.engines.lending.policy import LENT_FOR, Policy, Purpose, Stated
from moonbridge.engines.lending.standing import Owed
from moonbridge.quantities import SAMPLE_MASS

register = template.Library()

_TERMS = {"longest": _("longest loan"), "renewals": _("renewals"), "renewal": _("longest renewal")}
_PURPOSES = {Purpose.RESEARCH: _("research"), Purpose.PUBLIC: _("public benefit")}


@register.filter
def mass(nanograms: int | None) -> str:
    """Return nanograms as exact text with a unit; a dash for nothing."""
    return "–" if nanograms is None else SAMPLE_MASS.text(nanograms)


@register.filter
def difference(nanograms: int) -> str:
    """Return a difference with its sign."""
    return f"{'−' if nanograms < 0 else ''}{SAMPLE_MASS.text(abs(nanograms))}"


@register.filter
def policy_name(policy: Policy) -> str:
    """Return a policy's name in the reader's language."""
    return policy.name_zh if (get_language() or "").startswith("zh") else policy.name


@dataclass(frozen=True, slots=True)
class Row:
    """One statement of a policy with what it is about."""

    label: str | Promise
    stated: Stated[Any]

    @property
    def value(self) -> str:
        """The known value as text."""
        return _text(self.stated.value)

    @property
    def assumed(self) -> str:
        """The assumed value as text."""
        return _text(self.stated.assumed)


@register.filter
def statements(policy: Policy) -> list[Row]:
    """Return what a policy says, statement by statement."""
    terms = [
        Row(f"{_PURPOSES[purpose]}: {label}", getattr(policy.terms[purpose], name))
        for purpose in sorted(LENT_FOR)
        for name, label in _TERMS.items()
    ]
    duties = [Row(OWED[Owed(duty.value)], stated) for duty, stated in policy.duties.items()]
    return [
        *terms,
        Row(_("working days to sign"), policy.signing_working_days),
        Row(_("time between inventories"), policy.inventory),
        Row(_("kept of each sample, in thousandths"), policy.floor_permille),
        Row(_("late is delinquent after"), policy.grace),
        Row(_("film of destructive work"), policy.video_when_destructive),
        Row(_("names of pieces"), policy.naming),
        *duties,
    ]


def _text(value: Any) -> str:
    if isinstance(value, Period):
        return value.text
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(value)
