"""The way back: sent, weighed, reconciled; and the end of a loan."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples import notices
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.actions.granting import again
from moonbridge.cooperation.samples.actions.holding import held_loan, lines_of, seal, step
from moonbridge.cooperation.samples.actions.homing import close_if_empty, lead_home
from moonbridge.cooperation.samples.actions.keeping import Weighed, weigh
from moonbridge.cooperation.samples.actions.moving import account, home, lock_lines, move, shift
from moonbridge.cooperation.samples.actions.reconciling import reconcile as settle_books
from moonbridge.cooperation.samples.actions.reconciling import touched
from moonbridge.cooperation.samples.debts import debts_of, loans_with_parts, today
from moonbridge.cooperation.samples.models import Loan, LoanLine, ReportKind, WeighingKind
from moonbridge.cooperation.samples.rules.lending import curator, is_borrower, is_curator, is_officer
from moonbridge.cooperation.samples.states.lending import LoanState
from moonbridge.cooperation.samples.stock import OUT_OF_STORE, balances
from moonbridge.cooperation.samples.weights import Weight, Weights, as_json
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.conservation import Closure, closure, nearest
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.engines.lending.balance import Balance, Disposition
from moonbridge.errors import InputError, NotAllowed, Refused
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import once


def send_back(loan: Loan, lines: Sequence[LoanLine], *, by: User, command: UUID) -> Loan:
    """Send lines back as their borrower, all that is left of each: material and residue. A line that was used up closes by itself."""

    def act() -> str:
        kept = held_loan(loan, by, is_borrower, "send part back")
        chosen = {line.pk for line in lines}
        sent = [line for line in lines_of(kept) if line.pk in chosen and line.is_held]
        if not sent or len(sent) < len(chosen):
            raise InputError(gettext("Choose lines that are with you."), field="lines")
        lock_lines(sent, _ways_back)
        for line in sent:
            _send(line, by=by, command=command)
        lead_home(kept)
        seal(kept, "send-back", {"lines": [line.label for line in sent]}, by=by)
        return str(kept.pk)

    asked = {"loan": str(loan.pk), "lines": sorted(str(line.pk) for line in lines)}
    return again(once(command, "loan.send-back", asked, act, by=by))


def _ways_back(line: LoanLine) -> list[AccountName]:
    left = OUT_OF_STORE & balances(line).keys()
    return [account(kind, line) for kind in left | {AccountKind.TRANSIT} if left]


def _send(line: LoanLine, *, by: User, command: UUID) -> None:
    left = {kind: mass for kind, mass in balances(line).items() if kind in {AccountKind.LOAN, AccountKind.RESIDUE}}
    line.sent_back_on, line.sent_back_ng = today(), sum(left.values())
    if left:
        legs = {account(kind, line): -mass for kind, mass in left.items()}
        legs[account(AccountKind.TRANSIT, line)] = sum(left.values())
        move(line, MovementKind.RETURN, legs, by=by, command=command)
    line.save(update_fields=["sent_back_on", "sent_back_ng"])
    close_if_empty(line)


def weigh_back(agency: Partner, weights: Weights, *, balance: str, by: User, command: UUID) -> list[Loan]:
    """Write down what came back, of one loan or many: every line is taken, or none. Returns the loans that it touched.

    Raises :class:`InputError` for a line that is not on its way back, and for one that is weighed already.
    """

    def act() -> list[str]:
        if not curator(by, agency.pk):
            raise NotAllowed("This is not yours to do.")
        if not weights:
            raise InputError(gettext("Nothing was weighed."))
        found = LoanLine.objects.filter(pk__in=list(weights), loan__agency=agency)
        loans = Loan.objects.filter(pk__in=found.values("loan")).order_by("pk")
        if found.count() < len(weights):
            raise NotAllowed("There is no such line.")
        for loan in loans:
            _weigh_loan(loan, weights, balance, by=by)
        return [str(loan.pk) for loan in loans]

    asked = {"agency": str(agency.pk), "weights": as_json(weights), "balance": balance}
    keys = once(command, "samples.weigh-back", asked, act, by=by)
    return list(Loan.objects.filter(pk__in=keys).order_by("code"))


def _weigh_loan(loan: Loan, weights: Weights, balance: str, *, by: User) -> None:
    verb = "weigh part of the last return" if loan.state == LoanState.RETURNING else "weigh part"
    kept = held_loan(loan, by, is_curator, verb)
    lines = lines_of(kept)
    for line in lines:
        if line.pk in weights:
            _weigh_line(line, weights[line.pk], balance.strip(), by=by)
    lead_home(kept)
    seal(kept, "weigh-back", {"lines": [line.label for line in lines if line.pk in weights]}, by=by)


def _weigh_line(line: LoanLine, weight: Weight, balance: str, *, by: User) -> None:
    if not line.is_awaited:
        raise InputError(gettext("%(line)s is not on its way back.") % {"line": line.label}, field=line.label)
    if weight.mass <= 0 or (weight.least or 0) > weight.mass:
        raise InputError(gettext("%(line)s: say what it weighs.") % {"line": line.label}, field=line.label)
    piece = line.lent or line.split
    if piece.nominal:  # what has an agreed mass is counted, and weighs what the books have of it
        weight = Weight(balances(line).get(AccountKind.TRANSIT, 0), 0)
    line.weighed_back_ng, line.weighed_back_least_ng, line.weighed_back_by = weight.mass, weight.least, by
    line.weighed_back_sigma_ng = weight.sigma if weight.least is None else None
    line.save(update_fields=["weighed_back_ng", "weighed_back_sigma_ng", "weighed_back_least_ng", "weighed_back_by"])
    if not piece.nominal:
        weigh(piece, _shown(line, balance), by=by)


def _shown(line: LoanLine, balance: str) -> Weighed:
    """Return what the balance showed of a line that came back."""
    mass, least = line.weighed_back_ng or 0, line.weighed_back_least_ng
    kind = WeighingKind.MEASURED if least is None else WeighingKind.BOUNDED
    return Weighed(mass, line.weighed_back_sigma_ng, kind.value, balance, least=least)


@dataclass(frozen=True, slots=True)
class Settled:
    """How one line adds up: issued against everything accounted for, what goes against the agreement, and how many must sign."""

    line: LoanLine
    balance: Balance
    closure: Closure
    breaches: tuple[str, ...]

    @property
    def is_spent(self) -> bool:
        """Whether it was used up or altered although it should come back intact; that it was handed on, an officer approved."""
        return bool({"consumed", "altered"}.intersection(self.breaches))

    @property
    def two_officers(self) -> bool:
        """Whether two officers have to sign: the difference is large, or what should come back intact was spent."""
        return self.closure.two_officers or bool(self.breaches)


def settled(line: LoanLine) -> Settled:
    """Return how a line adds up. What left it in the books is accounted for; what is on its way back counts as it was weighed.

    Where only bounds are known of it, it counts as what the books have, as far as the bounds allow.
    """
    issued = line.issued_ng or line.granted_ng
    held, bounded = balances(line), line.weighed_back_least_ng is not None
    back = _back(line, held.get(AccountKind.TRANSIT, 0))
    consumed = held.get(AccountKind.CONSUMED, 0)
    elsewhere = issued - consumed - held.get(AccountKind.TRANSIT, 0)
    then = Disposition(line.disposition)
    told = Balance(issued, transferred=elsewhere, consumed=consumed, returned=back)
    found = closure(issued, told.accounted, _sigmas(line), bounded=bounded)
    return Settled(line, told, found, (*told.breaches(then), *_altered(line)))


def _back(line: LoanLine, underway: int) -> int:
    """Return what came back of a line by its weighing, in nanograms; ``underway`` is what the books have of it."""
    mass, least = line.weighed_back_ng or 0, line.weighed_back_least_ng
    return mass if least is None else nearest(underway, least, mass)


def _altered(line: LoanLine) -> tuple[str, ...]:
    """Return whether a line that should come back intact left a residue."""
    intact = line.disposition == Disposition.INTACT
    return ("altered",) if intact and line.reports.filter(kind=ReportKind.RESIDUE).exists() else ()


def reconcile(loan: Loan, *, reason: str = "", by: User, command: UUID) -> Loan:
    """Close the material of a loan: what was weighed goes back into store, what remains is booked to ADJUST with its sign and reason.

    A difference that the balances explain closes by itself; another needs a reason; a large one, or material spent against the
    agreement, needs two officers: the first call signs, the second one, by another person, closes.
    """

    def act() -> str:
        kept = held_loan(loan, by, is_officer, "reconcile")
        found = [one for one in map(settled, lines_of(kept)) if one.line.closed_on is None or one.is_spent]
        if any(not one.closure.closes or one.breaches for one in found) and not (
            reason.strip() or kept.differences_reason
        ):
            raise InputError(gettext("The weights do not agree; say why, as far as you know."), field="reason")
        two = any(one.two_officers for one in found)
        if two and kept.differences_signed_by_id in {None, by.pk}:
            return _sign_first(kept, reason.strip(), by)
        if not two and not is_curator(by, kept):
            raise NotAllowed("A curator closes the material.")
        back = {one.line.pk: one for one in found if one.line.closed_on is None}
        lock_lines([one.line for one in back.values()], lambda line: _ways_home(back[line.pk]))
        for one in back.values():
            _settle(kept, one, kept.differences_reason or reason.strip(), by=by, command=command)
        step(kept, "reconcile", material_closed_on=today())
        seal(kept, "reconcile-loan", _told(found), by=by, public=True)
        notices.tell_borrower(kept, "reconciled")
        return str(kept.pk)

    return again(once(command, "loan.reconcile", {"loan": str(loan.pk), "reason": reason}, act, by=by))


def _sign_first(loan: Loan, reason: str, by: User) -> str:
    if not is_curator(by, loan):
        raise NotAllowed("A curator signs first.")
    if loan.differences_signed_by_id == by.pk:
        raise Refused(gettext("You signed already; another officer has to sign as well."))
    step(loan, "sign for differences", differences_signed_by=by, differences_reason=reason)
    seal(loan, "sign-for-differences", {"reason": reason}, by=by)
    return str(loan.pk)


def _ways_home(one: Settled) -> set[AccountName]:
    """Return the accounts through which the material of a line comes to the store."""
    way = account(AccountKind.TRANSIT, one.line)
    return {way, home(one.line)} | touched(way, one.line.label, one.closure.remainder)


def _settle(loan: Loan, one: Settled, reason: str, *, by: User, command: UUID) -> None:
    """Book the difference of one line to ADJUST, and put what was weighed into store."""
    line, way = one.line, account(AccountKind.TRANSIT, one.line)
    first = loan.differences_signed_by  # a curator, whoever closes now: lines that agree carry the same signature
    settle_books(
        line.split.collection, way, label=line.label, issued=one.closure.issued, accounted=one.closure.accounted,
        sigmas=_sigmas(line), bounded=one.closure.bounded, by=first or by, second=by if first and one.two_officers else None,
        reason=reason, command=uuid5(command, line.label),
    )  # fmt: skip
    if left := balances(line).get(AccountKind.TRANSIT, 0):
        shift(line, MovementKind.RECEIVE, way, home(line), left, by=by, command=command)
    line.closed_on = today()
    line.save(update_fields=["closed_on"])
    hand_over(line.lent or line.split, loan.agency.name, reason=f"{line.label} returned")


def _sigmas(line: LoanLine) -> list[int]:
    return [line.issued_sigma_ng or 0, line.weighed_back_sigma_ng or 0]


def _told(found: Sequence[Settled]) -> dict[str, object]:
    return {
        "lines": [
            {
                "line": one.line.label,
                "issued": SAMPLE_MASS.text(one.closure.issued),
                "returned": SAMPLE_MASS.text(one.balance.returned),
                "consumed": SAMPLE_MASS.text(one.balance.consumed),
                "difference_ng": str(one.closure.remainder),
            }
            for one in found
        ]
    }


def close(loan: Loan, *, by: User, command: UUID) -> Loan:
    """End a loan whose material is closed and whose duties are all met or waived."""

    def act() -> str:
        kept = held_loan(loan, by, is_officer, "close")
        owed = debts_of(loans_with_parts(Loan.objects.filter(pk=kept.pk)).get())
        if owed:
            what = ", ".join(debt.what.value for debt in owed)
            raise Refused(gettext("Still owed: %(what)s.") % {"what": what}, owed=what)
        step(kept, "close")
        seal(kept, "close-loan", {}, by=by)
        return str(kept.pk)

    return again(once(command, "loan.close", {"loan": str(loan.pk)}, act, by=by))
