"""What an analysis on loan leaves over: a piece and a line of its own beside the line that it was."""

from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.actions.moving import account, lock_lines, shift
from moonbridge.cooperation.samples.models import Loan, LoanLine, Parentage
from moonbridge.cooperation.samples.residues import residue_of
from moonbridge.cooperation.samples.stock import balances
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.ledger.genealogy import Descent
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import Refused
from moonbridge.quantities import SAMPLE_MASS


def leave_over(
    loan: Loan, line: LoanLine, mass: int, *, contamination: int | None, what: str, by: User, command: UUID
) -> UUID:
    """Make what is left over of a line of the locked ``loan`` a piece and a line of its own; returns the movement.

    It is weighed when it comes back, like any line; until then its mass is what the borrower says. What of the line is unaltered stays
    in it.
    """
    lock_lines([line], lambda line: [account(AccountKind.LOAN, line)])
    _require_there(line, mass)
    whole = line.lent or line.split
    piece = residue_of(whole, contamination=contamination)
    last = loan.lines.aggregate(last=Max("number"))["last"]
    made = LoanLine.objects.create(
        loan=loan, number=last + 1, split=line.split, lent=piece, parent=line, disposition=line.disposition, granted_ng=mass,
        issued_ng=mass, issued_sigma_ng=line.issued_sigma_ng,
    )  # fmt: skip
    source, target = account(AccountKind.LOAN, line), account(AccountKind.RESIDUE, made)
    movement = shift(line, MovementKind.RESIDUE, source, target, mass, by=by, command=command, reason=what)
    Parentage.objects.create(child=piece, parent=whole, kind=Descent.RESIDUE, movement_id=movement)
    hand_over(piece, loan.institution, reason=made.label)
    return movement


def _require_there(line: LoanLine, mass: int) -> None:
    held = balances(line)
    if AccountKind.RESIDUE in held:
        raise Refused(
            gettext("%(line)s is left over from an analysis already; report what more of it was used up.")
            % {"line": line.label},
            line=line.label,
        )
    if mass > held.get(AccountKind.LOAN, 0):
        there = SAMPLE_MASS.text(held.get(AccountKind.LOAN, 0))
        raise Refused(gettext("%(line)s has less than that.") % {"line": line.label}, line=line.label, held=there)
