"""Weigh out with two people, divide, dispatch, receive."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID, uuid5

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples import notices
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.actions.granting import again, not_there
from moonbridge.cooperation.samples.actions.holding import held_loan, lines_of, seal, step
from moonbridge.cooperation.samples.actions.keeping import Part, Weighed, divide, store, weigh
from moonbridge.cooperation.samples.actions.moving import account, home, let_go, lock_lines, reserve, shift
from moonbridge.cooperation.samples.actions.reconciling import reconcile, touched
from moonbridge.cooperation.samples.debts import today
from moonbridge.cooperation.samples.models import Loan, LoanLine, Purpose
from moonbridge.cooperation.samples.names import USUAL
from moonbridge.cooperation.samples.rules.lending import is_borrower, is_curator, is_officer
from moonbridge.cooperation.samples.stock import balances, form_of, stocks
from moonbridge.cooperation.samples.weights import Weight, Weights, as_json
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.conservation import closure, is_large
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.engines.ledger.naming import scheme
from moonbridge.engines.lending import terms
from moonbridge.engines.lending.policy import Policy, Unit
from moonbridge.engines.lending.policy import Purpose as EnginePurpose
from moonbridge.errors import InputError, NotAllowed, Refused
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import once


def weigh_out(loan: Loan, weights: Weights, *, balance: str, by: User, command: UUID) -> Loan:
    """Write down, as the first of two people, what each line weighs. The second one confirms with :func:`prepare`."""

    def act() -> str:
        kept = held_loan(loan, by, is_curator, "weigh out")
        lines = lines_of(kept)
        for line in lines:
            weight = weight_of(line, weights)
            line.issued_ng, line.issued_sigma_ng = weight.mass, weight.sigma
        _require_granted(lines, kept.policy)
        for line in lines:
            line.save(update_fields=["issued_ng", "issued_sigma_ng"])
        step(kept, "weigh out", prepared_by=by, balance=balance.strip())
        seal(kept, "weigh-out", _weights_text(kept), by=by)
        return str(kept.pk)

    asked = {"loan": str(loan.pk), "weights": as_json(weights), "balance": balance}
    return again(once(command, "loan.weigh-out", asked, act, by=by))


def weight_of(line: LoanLine, weights: Weights) -> Weight:
    """Return what was weighed of a line; a piece with a nominal mass weighs what was granted."""
    if (line.lent or line.split).nominal:
        return Weight(line.issued_ng or line.granted_ng, 0)
    weight = weights.get(line.pk)
    if weight is None or weight.mass <= 0:
        raise InputError(gettext("%(line)s: say what it weighs.") % {"line": line.label}, field=str(line.pk))
    return weight


def _require_granted(lines: Sequence[LoanLine], policy: Policy) -> None:
    """Refuse where more was weighed out than was granted, but for what is small, and for what is free above the reserve floor.

    What is lent whole weighs what it weighs: two people sign for what the books lacked.
    """
    there = stocks(line.split for line in lines)
    for line in lines:
        stock, mass = there[line.split_id], line.issued_ng or 0
        if mass > line.granted_ng and not line.split.nominal and policy.unit(stock.form) == Unit.MASS:
            _require_small(line, mass, line.granted_ng + stock.available(policy))


def _require_small(line: LoanLine, mass: int, available: int) -> None:
    said = {"mass": SAMPLE_MASS.text(mass), "granted": SAMPLE_MASS.text(line.granted_ng), "line": line.label}
    if is_large(mass - line.granted_ng, line.granted_ng):
        raise InputError(
            gettext("%(line)s: %(mass)s is more than the %(granted)s that was granted; take some of it back.") % said,
            field=str(line.pk),
        )
    if mass > available:
        raise not_there(line.split.name, asked=mass, available=available)


def prepare(loan: Loan, *, by: User, command: UUID) -> Loan:
    """Confirm as the second person what the first one weighed: powder is divided, and what travels is set aside."""

    def act() -> str:
        kept = held_loan(loan, by, is_officer, "prepare")
        if kept.prepared_by_id is None:
            raise Refused(gettext("Nobody has weighed it out yet."))
        if kept.prepared_by_id == by.pk:
            raise NotAllowed("Another person confirms what you weighed.")
        lines, policy = lines_of(kept), kept.policy
        lock_lines(lines, lambda line: _in_store(line, policy))
        _require_granted(lines, policy)  # by now something may have been promised to somebody else
        # What is divided comes first: names of pieces are taken before the record is, by everybody.
        for line in sorted(lines, key=lambda line: _is_whole(line, policy)):
            _prepare(kept, line, policy, by=by, command=command)
        step(kept, "prepare", witnessed_by=by)
        seal(kept, "prepare-loan", _weights_text(kept), by=by)
        return str(kept.pk)

    return again(once(command, "loan.prepare", {"loan": str(loan.pk)}, act, by=by))


def _is_whole(line: LoanLine, policy: Policy) -> bool:
    return not line.split.nominal and policy.unit(form_of(line.split)) == Unit.WHOLE


def _in_store(line: LoanLine, policy: Policy) -> set[AccountName]:
    """Return the accounts that weighing a line out touches: of what is lent whole, those of the difference as well."""
    place = store(line.split)
    if not _is_whole(line, policy):
        return {place}
    held = stocks([line.split])[line.split_id].free + line.granted_ng  # what was set aside for it is free by then
    return {place} | touched(place, _weighing(line), held - (line.issued_ng or 0))


def _weighing(line: LoanLine) -> str:
    """Return what the weighing of a line is called in the books."""
    return f"{line.label} weighed out"


def _prepare(loan: Loan, line: LoanLine, policy: Policy, *, by: User, command: UUID) -> None:
    let_go(line, by=by, command=command, reason="weighed out")
    mass, weigher = line.issued_ng or line.granted_ng, cast("User", loan.prepared_by)
    if line.split.nominal:
        line.lent = line.split
    elif _is_whole(line, policy):
        line.lent = line.split
        _correct_to(line, mass, weigher, by, command)
        weigh(line.split, _weighed(loan, line, by), by=weigher)
    else:
        step_id, naming = uuid5(command, line.label), scheme(policy.naming.used or USUAL)
        (line.lent,) = divide(line.split, [Part(_weighed(loan, line, by))], naming=naming, by=weigher, command=step_id)
    line.reservation = reserve(line, store(line.lent), mass, by=by, command=command)
    line.save(update_fields=["lent", "reservation"])


def _weighed(loan: Loan, line: LoanLine, witness: User) -> Weighed:
    return Weighed(line.issued_ng or 0, line.issued_sigma_ng, balance=loan.balance, witness=witness)


def _correct_to(line: LoanLine, mass: int, weigher: User, second: User, command: UUID) -> None:
    """Bring the books of a whole piece to what it weighs now, with both signatures."""
    held = stocks([line.split])[line.split_id].free
    if held != mass:
        reconcile(
            line.split.collection, store(line.split), label=_weighing(line), issued=held, accounted=mass,
            sigmas=[line.issued_sigma_ng or 0], by=weigher, second=second, reason="weighed out for a loan",
            command=uuid5(command, _weighing(line)),
        )  # fmt: skip


def dispatch(loan: Loan, *, carrier: str, by: User, command: UUID) -> Loan:
    """Hand a prepared loan to whoever carries it."""

    def act() -> str:
        kept = held_loan(loan, by, is_officer, "dispatch")
        if not carrier.strip():
            raise InputError(gettext("Say who carries it."), field="carrier")
        lines = lines_of(kept)
        lock_lines(lines, lambda line: [home(line), account(AccountKind.TRANSIT, line)])
        for line in lines:
            mass = line.issued_ng or line.granted_ng
            source, target = home(line), account(AccountKind.TRANSIT, line)
            shift(line, MovementKind.POST, source, target, mass, by=by, command=command, reservation=line.reservation)
            line.reservation = None
            line.save(update_fields=["reservation"])
        step(kept, "dispatch", carrier=carrier.strip())
        seal(kept, "dispatch-loan", {"lines": len(kept.lines.all())}, by=by, public=True)
        notices.tell_borrower(kept, "dispatched")
        return str(kept.pk)

    return again(once(command, "loan.dispatch", {"loan": str(loan.pk), "carrier": carrier}, act, by=by))


def receive(loan: Loan, weights: Weights, *, by: User, command: UUID) -> Loan:
    """Take a loan over as its borrower, with what each line weighs on arrival; the term begins.

    Where every weight agrees with what was issued the loan is active at once, otherwise an officer has to accept the difference.
    """

    def act() -> str:
        kept = held_loan(loan, by, is_borrower, "receive")
        lines = lines_of(kept)
        lock_lines(lines, lambda line: [account(kind, line) for kind in (AccountKind.TRANSIT, AccountKind.LOAN)])
        agree = [_receive(kept, line, weight_of(line, weights), by=by, command=command) for line in lines]
        day = today()
        ends = terms.latest_end(kept.policy, EnginePurpose(Purpose(kept.purpose)), day)
        verb = "receive" if all(agree) else "receive, weights differ"
        step(kept, verb, received_on=day, ends_on=ends)
        seal(kept, "receive-loan", {"agrees": all(agree), "ends": str(ends)}, by=by)
        return str(kept.pk)

    return again(once(command, "loan.receive", {"loan": str(loan.pk), "weights": as_json(weights)}, act, by=by))


def _receive(loan: Loan, line: LoanLine, weight: Weight, *, by: User, command: UUID) -> bool:
    """Move one line to its borrower and return whether its weight is explained by the two balances."""
    issued = balances(line).get(AccountKind.TRANSIT, 0)  # less than what was issued where some was lost on the way
    if not issued:
        return True
    source, target = account(AccountKind.TRANSIT, line), account(AccountKind.LOAN, line)
    shift(line, MovementKind.RECEIVE, source, target, issued, by=by, command=command)
    line.received_ng, line.received_sigma_ng = weight.mass, weight.sigma
    line.save(update_fields=["received_ng", "received_sigma_ng"])
    hand_over(line.lent or line.split, loan.institution, reason=line.label)
    # The borrower's balance counts as no worse than the lender's, or a bad one would explain whatever is missing.
    sigma = line.issued_sigma_ng or 0
    return closure(issued, weight.mass, [sigma, min(sigma, weight.sigma)]).closes


def accept_weights(loan: Loan, *, reason: str, by: User, command: UUID) -> Loan:
    """Accept, as an officer, that a loan arrived with other weights than it left; the books keep what was issued."""

    def act() -> str:
        kept = held_loan(loan, by, is_officer, "accept weights")
        if not reason.strip():
            raise InputError(gettext("Say why the difference is accepted."), field="reason")
        step(kept, "accept weights")
        seal(kept, "accept-weights", {"reason": reason.strip()}, by=by)
        return str(kept.pk)

    return again(once(command, "loan.accept-weights", {"loan": str(loan.pk), "reason": reason}, act, by=by))


def _weights_text(loan: Loan) -> dict[str, object]:
    lines = loan.lines.select_related("loan", "lent", "split")
    return {
        "lines": [
            {"line": line.label, "piece": (line.lent or line.split).name, "mass": SAMPLE_MASS.text(line.issued_ng or 0)}
            for line in lines
        ]
    }
