"""From a granted request to a certificate: set aside, agreement, signature, certificate; or lapsed, or cancelled."""

from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples import notices
from moonbridge.cooperation.samples.actions.holding import (
    drawn,
    held_loan,
    held_request,
    lines_of,
    policy_of,
    seal,
    step,
)
from moonbridge.cooperation.samples.actions.keeping import store
from moonbridge.cooperation.samples.actions.moving import home, let_go, lock_accounts, lock_lines, reserve
from moonbridge.cooperation.samples.debts import delinquency, today
from moonbridge.cooperation.samples.models import Loan, LoanLine, Request
from moonbridge.cooperation.samples.rules.lending import is_borrower, is_officer, may_decide
from moonbridge.cooperation.samples.states.lending import LAPSES, REQUESTS
from moonbridge.cooperation.samples.stock import stocks
from moonbridge.engines.lending import terms
from moonbridge.engines.lending.fit import Stock
from moonbridge.engines.lending.policy import Policy, Purpose, Unit
from moonbridge.errors import DeadlinePassed, DoesNotFit, InputError, Refused
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now


def grant(request: Request, *, reduced: bool = False, by: User, command: UUID) -> Loan:
    """Grant a request, or its smaller version, and set the material aside; all lines or none.

    Raises :class:`Refused` where the person or the institution is delinquent, :class:`DoesNotFit` where something is not there
    any more, or not above the reserve floor. Of two who want the same material at once, one gets it.
    """

    def act() -> str:
        kept = held_request(request, by, may_decide, "grant")
        policy, day = policy_of(kept.agency_id), today()
        require_no_debts(kept.by, kept.institution)
        terms.term_of(policy, Purpose(kept.purpose))  # refuses a purpose for which the policy lends nothing
        loan = Loan.objects.create(
            agency=kept.agency, policy_slug=policy.slug, code=drawn("L-", Loan), request=kept, borrower=kept.by,
            institution=kept.institution, country=kept.country, purpose=kept.purpose, title=kept.title, team=kept.team,
            synthetic=kept.synthetic, approved_at=database_now(), approved_by=by,
            reserved_until=terms.signing_deadline(policy, day),
        )  # fmt: skip
        _reserve_lines(loan, kept, policy, reduced=reduced, by=by, command=command)
        kept.state = REQUESTS.after("grant", kept.state)
        kept.save(update_fields=["state"])
        seal(loan, "grant-loan", _facts(loan) | {"request": kept.code}, by=by)
        notices.tell_borrower(loan, "granted")
        return str(loan.pk)

    asked = {"request": str(request.pk), "reduced": reduced}
    return again(once(command, "sample-request.grant", asked, act, by=by))


def require_no_debts(borrower: User, institution: str) -> None:
    """Raise :class:`Refused` where the person or the institution is delinquent."""
    if debts := delinquency(borrower, institution, today()):
        late = [f"{debt.loan}: {debt.what.value}, {debt.due}" for debt in debts]
        raise Refused(
            gettext("The borrower or the institution is delinquent; nothing new is lent: %(late)s")
            % {"late": "; ".join(late)},
            debts=late,
        )


def _reserve_lines(loan: Loan, request: Request, policy: Policy, *, reduced: bool, by: User, command: UUID) -> None:
    rows = list(request.lines.select_related("split__collection__book").order_by("split__collection", "split__name"))
    if not rows:
        raise Refused(gettext("Nothing is asked for."))
    lock_accounts((row.split.collection.book, store(row.split)) for row in rows)
    there = stocks(row.split for row in rows)
    for number, row in enumerate(rows, start=1):
        stock = there[row.split_id]
        mass = _granted(stock, policy, (reduced and row.least_ng) or row.mass_ng)
        line = LoanLine(loan=loan, number=number, split=row.split, disposition=row.disposition, granted_ng=mass)
        line.reservation = reserve(line, store(row.split), mass, by=by, command=command)
        line.save()


def _granted(stock: Stock, policy: Policy, asked: int | None) -> int:
    """Return how much of a split is granted, or raise :class:`DoesNotFit`; its account is locked."""
    available = stock.available(policy)
    mass = stock.free if policy.unit(stock.form) == Unit.WHOLE else asked
    if not mass or mass > available:
        raise not_there(stock.name, asked=mass or 0, available=available)
    return mass


def not_there(name: str, *, asked: int, available: int) -> DoesNotFit:
    """Return the refusal of more of a piece than can be lent, with both amounts (nanograms)."""
    said = {"name": name, "asked": SAMPLE_MASS.text(asked), "available": SAMPLE_MASS.text(available)}
    return DoesNotFit(gettext("%(name)s: %(asked)s asked, %(available)s available.") % said, **said)


def send_agreement(loan: Loan, *, by: User, command: UUID) -> Loan:
    """Say that the agreement went to the borrower; it is signed by the day until which the material is set aside."""

    def act() -> str:
        kept = held_loan(loan, by, is_officer, "send agreement")
        step(kept, "send agreement")
        seal(kept, "send-agreement", {"until": str(kept.reserved_until)}, by=by)
        notices.tell_borrower(kept, "agreement")
        return str(kept.pk)

    return again(once(command, "loan.send-agreement", {"loan": str(loan.pk)}, act, by=by))


def sign(loan: Loan, *, by: User, command: UUID) -> Loan:
    """Sign the agreement as the borrower, in time: after the last day the reservation lapses, whether or not a worker noticed."""

    def act() -> str:
        kept = held_loan(loan, by, is_borrower, "sign")
        if kept.reserved_until and today() > kept.reserved_until:
            raise DeadlinePassed(
                gettext("The day until which this could be signed is over; the material is free for others again."),
                until=str(kept.reserved_until),
            )
        step(kept, "sign", signed_at=database_now(), reserved_until=None)
        seal(kept, "sign-agreement", {"policy": kept.policy_slug}, by=by)
        return str(kept.pk)

    return again(once(command, "loan.sign", {"loan": str(loan.pk)}, act, by=by))


def certify(loan: Loan, *, number: str, by: User, command: UUID) -> Loan:
    """Write down the number of the sample certificate, without which nothing leaves."""

    def act() -> str:
        kept = held_loan(loan, by, is_officer, "certify")
        if not number.strip():
            raise InputError(gettext("A certificate has a number."), field="number")
        step(kept, "certify", certificate=number.strip())
        seal(kept, "issue-certificate", {"number": number.strip()}, by=by)
        return str(kept.pk)

    return again(once(command, "loan.certify", {"loan": str(loan.pk), "number": number}, act, by=by))


def cancel(loan: Loan, *, reason: str, by: User, command: UUID) -> Loan:
    """Cancel a loan whose material has not left: what was set aside is free again."""

    def act() -> str:
        kept = held_loan(loan, by, is_officer, "cancel")
        if not reason.strip():
            raise InputError(gettext("Say why; the borrower reads it."), field="reason")
        _release(kept, "cancel", reason.strip(), by=by, command=command)
        notices.tell_borrower(kept, "cancelled")
        return str(kept.pk)

    return again(once(command, "loan.cancel", {"loan": str(loan.pk), "reason": reason}, act, by=by))


def _release(loan: Loan, verb: str, reason: str, *, by: User | None, command: UUID) -> None:
    lines = lines_of(loan)
    lock_lines(lines, lambda line: [home(line)])
    for line in lines:
        let_go(line, by=by, command=command, reason=reason)
    step(loan, verb)
    seal(loan, f"{verb}-loan", {"reason": reason}, by=by)


def lapse_due() -> int:
    """Let every unsigned loan lapse whose last day is over by the database's clock; return how many. For the worker."""
    day = today()
    due = Loan.objects.filter(state__in=LAPSES, reserved_until__lt=day).values_list("pk", flat=True)
    return sum(_lapse(key) for key in list(due))


@transaction.atomic
def _lapse(key: UUID) -> bool:
    kept = (
        Loan.objects.select_for_update(of=("self",)).select_related("agency").filter(pk=key, state__in=LAPSES).first()
    )
    if kept is None:
        return False
    _release(kept, "lapse", f"not signed until {kept.reserved_until}", by=None, command=uuid5(key, "lapse"))
    notices.tell_borrower(kept, "lapsed")
    return True


def _facts(loan: Loan) -> dict[str, object]:
    """Return what the record says of a new loan: the institution, not the person."""
    lines = [
        {
            "line": line.label,
            "split": line.split.name,
            "mass": SAMPLE_MASS.text(line.granted_ng),
            "then": line.disposition,
        }
        for line in loan.lines.select_related("split", "loan")
    ]
    return {"institution": loan.institution, "country": loan.country, "purpose": loan.purpose, "lines": lines}


def again(key: str | UUID) -> Loan:
    """Return the loan with this id as it stands now."""
    return Loan.objects.select_related("agency", "borrower").get(pk=key)
