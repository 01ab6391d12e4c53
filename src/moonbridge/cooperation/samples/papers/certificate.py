"""The lunar-sample certificate: what exactly was handed to whom, weighed by two people, in two languages."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.templatetags.opportunities import named
from moonbridge.cooperation.samples.models import Loan, LoanLine
from moonbridge.cooperation.samples.papers import heads
from moonbridge.formats.paper import Column, Paper, Paragraph, Party, Signatures, Table


def certificate(loan: Loan) -> Paper:
    """Return the certificate of ``loan``, which has its number since the step that issued it."""
    return heads.of_loan(
        loan,
        lambda: _("Sample certificate"),
        (
            heads.facts(lambda: _facts(loan)),
            heads.heading(lambda: _("Samples")),
            _samples(loan),
            *_statements(),
            Signatures((Party(_("Curator"), name=_name(loan.prepared_by)), Party(_("Second person"), name=_name(loan.witnessed_by)))),
            heads.page_of(loan),
        ),
        day=(loan.signed_at or loan.approved_at).date(),
        bilingual=True,
    )  # fmt: skip


def _facts(loan: Loan) -> tuple[tuple[str, str], ...]:
    return (
        (_("Number of the certificate"), loan.certificate),
        (_("Issued by"), named(loan.agency)),
        (_("Issued to"), ", ".join(part for part in (loan.institution, loan.country) if part)),
        (_("Responsible person"), str(loan.borrower)),
        (_("Loan"), loan.code),
        (_("Balance"), loan.balance or "–"),
    )


def _samples(loan: Loan) -> Table:
    columns = (
        Column(heads.both(lambda: _("Sample")), 2),
        Column(heads.both(lambda: _("Part of")), 2),
        Column(heads.both(lambda: _("From")), 2),
        Column(heads.both(lambda: _("Contamination class")), None, numbers=True),
        Column(heads.both(lambda: _("Mass")), None, numbers=True),
        Column(heads.both(lambda: _("Uncertainty")), None, numbers=True),
    )
    lines = [line for line in loan.lines.all() if line.parent_id is None]
    total = (_("in all"), "", "", "", heads.mass(sum(heads.stated(line) for line in lines)), "")
    return Table(columns, tuple(_row(line) for line in lines), total, _weighing_note(loan))


def _row(line: LoanLine) -> tuple[str, ...]:
    collection, piece = line.split.collection, line.lent or line.split
    origin = named(collection.mission) if collection.mission else collection.name
    return (
        piece.name, line.split.name, origin, str(piece.contamination), heads.mass(heads.stated(line)), heads.mass(line.issued_sigma_ng),
    )  # fmt: skip


def _weighing_note(loan: Loan) -> str:
    if loan.witnessed_by_id is None:
        return _("Masses as granted: the pieces are not weighed out yet.")
    return _("The uncertainty is one standard deviation of the balance.")


def _statements() -> Iterator[Paragraph]:
    """Yield what the certificate certifies, in both languages."""
    here, there = _statement(), heads.second(_statement)
    yield Paragraph(here)
    if there != here:
        yield Paragraph(there, language=heads.other_language())


def _statement() -> str:
    return _(
        "This certifies that the samples above come from the collection named and are handed to the borrower for the approved use only. "
        "It goes wherever the samples go."
    )


def _name(person: object | None) -> str:
    return str(person) if person else ""
