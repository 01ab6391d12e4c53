"""The return form: issued = on hand + transferred + consumed + returned, by mass, line by line, closing at zero."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from moonbridge.cooperation.samples.models import Loan
from moonbridge.cooperation.samples.papers import heads
from moonbridge.cooperation.samples.queries.accounting import Statement, statements
from moonbridge.formats.paper import Column, Facts, Heading, Notice, Paper, Paragraph, Party, Signatures, Table


def return_form(loan: Loan, *, on: date) -> Paper:
    """Return the form for ``loan`` (with its lines) as the books have it on the day ``on``."""
    told = statements(list(loan.lines.all()))
    return heads.of_loan(
        loan,
        lambda: _("Return form"),
        (
            Facts(_facts(loan)),
            Heading(_("Where the material is")),
            _table(told),
            _closing(told),
            Heading(_("What comes back")),
            _to_fill_in(told),
            Paragraph(_("Weigh each piece that you send back, and write down what your balance shows.")),
            Signatures((Party(_("Responsible person"), name=str(loan.borrower)), Party(_("Received by the curator")))),
            heads.page_of(loan),
        ),
        day=on,
    )


def _facts(loan: Loan) -> tuple[tuple[str, str], ...]:
    return (
        (_("Borrower"), loan.institution),
        (_("Responsible person"), str(loan.borrower)),
        (_("Received"), heads.day(loan.received_on)),
        (_("Ends on"), heads.day(loan.ends_on)),
    )


def _table(told: list[Statement]) -> Table:
    titles = (
        _("Issued"), _("On hand"), _("Transferred"), _("Consumed"), _("Returned"), _("Lost"), _("Adjusted"),
        pgettext("what is left of a sum", "Balance"),
    )  # fmt: skip
    columns = (
        Column(_("Line"), None),
        Column(_("Sample"), 1),
        *(Column(title, None, numbers=True) for title in titles),
    )
    rows = tuple(
        (one.line.label.rpartition("/")[2], heads.piece(one.line), *(heads.signed(amount) for amount in _amounts(one)))
        for one in told
    )
    return Table(
        columns,
        rows,
        note=_("What a line gave to another line of this loan counts as transferred there, and as issued here."),
    )


def _amounts(one: Statement) -> tuple[int, ...]:
    balance = one.balance
    return (
        balance.issued, balance.on_hand, balance.transferred, balance.consumed, balance.returned, one.lost, one.adjusted,
        one.unexplained,
    )  # fmt: skip


def _closing(told: list[Statement]) -> Paragraph | Notice:
    open_amount = sum(abs(one.unexplained) for one in told)
    if open_amount:
        return Notice(
            _("%(mass)s are not accounted for. Ask the curator before you sign.") % {"mass": heads.mass(open_amount)}
        )
    return Paragraph(
        _(
            "Issued = on hand + transferred + consumed + returned, with what was lost or adjusted: the balance of every line is zero."
        ),
        strong=True,
    )


def _to_fill_in(told: list[Statement]) -> Table:
    columns = (
        Column(_("Line"), None), Column(_("Sample"), 2), Column(_("In the books"), 1, numbers=True), Column(_("Weighed"), 2),
        Column(_("Condition"), 2),
    )  # fmt: skip
    held = [one for one in told if one.balance.on_hand]
    rows = (
        (one.line.label.rpartition("/")[2], heads.piece(one.line), heads.mass(one.balance.on_hand), "", "")
        for one in held
    )
    return Table(columns, tuple(rows) or (("–", "–", "–", "", ""),))
