"""The loan agreement: parties, material, terms, and the clauses of the agency's policy, in two languages."""

from typing import Any

from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.templatetags.opportunities import named
from moonbridge.cooperation.samples.models import Loan
from moonbridge.cooperation.samples.papers import heads
from moonbridge.cooperation.samples.states.lending import RESERVED, LoanState
from moonbridge.cooperation.samples.words import OWED
from moonbridge.engines.lending.policy import Purpose, Stated
from moonbridge.engines.lending.standing import Owed
from moonbridge.formats.paper import (
    Block,
    Clause,
    Clauses,
    Column,
    Notice,
    Paper,
    Party,
    Signatures,
    Table,
)

UNSIGNED = frozenset({LoanState.APPROVED, LoanState.AGREEMENT_SENT})


def agreement(loan: Loan) -> Paper:
    """Return the agreement on ``loan`` (with its lines): a draft until it is signed, and never good for what came to nothing."""
    return heads.of_loan(
        loan,
        lambda: _("Loan agreement for lunar and planetary samples"),
        (
            heads.facts(lambda: _parties(loan)),
            heads.heading(lambda: _("Material")),
            _material(loan),
            heads.heading(lambda: _("Term and duties")),
            heads.facts(lambda: _terms(loan)),
            *_clauses(loan),
            heads.heading(lambda: _("Signatures")),
            _signatures(loan),
            heads.page_of(loan),
        ),
        day=(loan.signed_at or loan.approved_at).date(),
        bilingual=True,
        label=_label(loan),
    )


def _label(loan: Loan) -> str:
    if loan.state in UNSIGNED:
        return _("draft")
    return str(LoanState(loan.state).label) if loan.state in {LoanState.LAPSED, LoanState.CANCELLED} else ""


def _parties(loan: Loan) -> tuple[tuple[str, str], ...]:
    borrower = ", ".join(part for part in (loan.institution, loan.country) if part)
    return (
        (_("Lender"), named(loan.agency)),
        (_("Borrower"), borrower),
        (_("Responsible person"), str(loan.borrower)),
        (_("Team"), loan.team or "–"),
        (_("Purpose"), loan.get_purpose_display()),
        (_("Study"), loan.title or "–"),
    )


def _material(loan: Loan) -> Table:
    lines = list(loan.lines.all())
    columns = (
        Column(heads.both(lambda: _("Line")), None),
        Column(heads.both(lambda: _("Sample")), 2),
        Column(heads.both(lambda: _("Kind")), 2),
        Column(heads.both(lambda: _("Mass")), None, numbers=True),
        Column(heads.both(lambda: _("Afterwards")), 2),
    )
    rows = (
        (
            line.label, heads.piece(line), _kind(line.split.kind, line.split.material), heads.mass(heads.stated(line)),
            line.get_disposition_display(),
        )
        for line in lines
    )  # fmt: skip
    total = ("", _("in all"), "", heads.mass(sum(heads.stated(line) for line in lines if line.parent_id is None)), "")
    note = _("Masses as granted; those of the certificate are as weighed.") if loan.state in RESERVED else ""
    return Table(columns, tuple(rows), total, note)


def _kind(kind: str, material: str) -> str:
    return ", ".join(part for part in (kind, material) if part)


def _terms(loan: Loan) -> tuple[tuple[str, str], ...]:
    policy = loan.policy
    term = policy.terms[Purpose(loan.purpose)]
    duties = ((_duty(duty.value), _stated(period)) for duty, period in policy.duties.items())
    return (
        _signing(loan),
        (_("Longest term, from receipt"), _stated(term.longest)),
        (_("Renewals"), f"{_stated(term.renewals)} × {_stated(term.renewal)}"),
        (_("Ends on"), heads.day(loan.ends_on)),
        (_("Inventory every"), _stated(policy.inventory)),
        *duties,
    )


def _signing(loan: Loan) -> tuple[str, str]:
    if loan.signed_at:
        return _("Signed on"), heads.day(loan.signed_at.date())
    return _("To be signed until"), heads.day(loan.reserved_until)


def _duty(duty: str) -> str:
    return _("%(what)s, after the end") % {"what": OWED[Owed(duty)]}


def _stated(stated: Stated[Any]) -> str:
    """Return a statement of the policy as text; what the agency never said publicly is marked as assumed."""
    if stated.used is None:
        return _("not stated")
    text: str = getattr(stated.used, "text", str(stated.used))
    return _("%(value)s (assumed)") % {"value": text} if stated.is_assumed else text


def _clauses(loan: Loan) -> tuple[Block, ...]:
    clauses = loan.policy.clauses
    if not clauses:
        return (Notice(_("This policy has no clauses of its own.")),)
    english, chinese = (tuple(Clause(getattr(one, name)) for one in clauses) for name in ("text", "text_zh"))
    first, other = (english, chinese) if heads.first_language() == "en" else (chinese, english)
    return (heads.heading(lambda: _("Clauses")), Clauses(first, translated=other, language=heads.other_language()))


def _signatures(loan: Loan) -> Signatures:
    signed = loan.signed_at.date().isoformat() if loan.signed_at else ""
    return Signatures(
        (
            Party(_("For the lender"), function=named(loan.agency)),
            Party(_("For the borrower"), function=loan.institution),
            Party(_("Responsible person"), name=str(loan.borrower), signed=signed),
        )
    )
