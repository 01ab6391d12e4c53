"""The inventory list of a loan: what its borrower should hold, to be compared piece by piece, and what the last count found."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from moonbridge.cooperation.samples.models import InventoryRow, Loan, LoanLine
from moonbridge.cooperation.samples.papers import heads
from moonbridge.cooperation.samples.stock import held_by_lines
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.formats.paper import Column, Facts, Heading, Paper, Paragraph, Party, Signatures, Table


def inventory_list(loan: Loan, *, on: date) -> Paper:
    """Return the list for ``loan`` (with its lines) as the books have it on the day ``on``."""
    lines = [line for line in loan.lines.all() if line.is_held]
    return heads.of_loan(
        loan,
        lambda: _("Inventory list"),
        (
            Facts(_facts(loan)),
            Heading(_("What you should hold")),
            _table(lines, _last(loan)) if lines else Paragraph(_("Nothing of this loan is with its borrower.")),
            Signatures((Party(_("Counted by")), Party(_("Responsible person"), name=str(loan.borrower)))),
            heads.page_of(loan),
        ),
        day=on,
    )  # fmt: skip


def _facts(loan: Loan) -> tuple[tuple[str, str], ...]:
    return (
        (_("Borrower"), loan.institution),
        (_("Responsible person"), str(loan.borrower)),
        (_("Last inventory"), heads.day(loan.last_inventory_on)),
    )


def _last(loan: Loan) -> dict[object, InventoryRow]:
    """Return what the last inventory found, by line."""
    last = loan.inventories.order_by("-on", "-at").first()
    return {row.line_id: row for row in last.rows.all()} if last else {}


def _table(lines: list[LoanLine], found: dict[object, InventoryRow]) -> Table:
    held = held_by_lines(lines)
    columns = (
        Column(_("Line"), None), Column(_("Sample"), 2), Column(_("Mass in the books"), None, numbers=True),
        Column(_("Last found"), 2), Column(_("Where"), 2), Column(_("Now: there, changed, missing"), 2),
    )  # fmt: skip
    rows = (
        (
            line.label.rpartition("/")[2], heads.piece(line), heads.mass(_with_borrower(held[line.pk])),
            *_said(found.get(line.pk)), "☐ ☐ ☐",
        )
        for line in lines
    )  # fmt: skip
    return Table(columns, tuple(rows))


def _with_borrower(held: Mapping[AccountKind, int]) -> int:
    """Return what of a line its borrower has: as it was lent, or left over from an analysis."""
    return held.get(AccountKind.LOAN, 0) + held.get(AccountKind.RESIDUE, 0)


def _said(row: InventoryRow | None) -> tuple[str, str]:
    return (str(row.get_condition_display()), row.place) if row else ("–", "–")
