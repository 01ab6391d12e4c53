"""Change what was agreed: longer, shorter, or another person."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples import notices
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.actions.granting import again, require_no_debts
from moonbridge.cooperation.samples.actions.holding import drawn, held_loan, seal, step
from moonbridge.cooperation.samples.actions.homing import close_if_empty, lead_home
from moonbridge.cooperation.samples.actions.moving import account, shift
from moonbridge.cooperation.samples.actions.using import held_line
from moonbridge.cooperation.samples.debts import delinquency, today
from moonbridge.cooperation.samples.models import Extension, Loan, LoanLine, Transfer
from moonbridge.cooperation.samples.rules.lending import is_borrower, is_officer
from moonbridge.cooperation.samples.states.lending import LoanState
from moonbridge.cooperation.samples.stock import balances
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.engines.lending import terms
from moonbridge.engines.lending.policy import Purpose
from moonbridge.errors import InputError, NotAllowed, Refused, WrongState
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now


def ask_extension(loan: Loan, until: date, *, reason: str, by: User, command: UUID) -> Extension:
    """Ask to keep a loan until a later day, within what the policy allows."""

    def act() -> str:
        kept = held_loan(loan, by, is_borrower, "ask extension")
        _require_renewable(kept, until)
        if not reason.strip():
            raise InputError(gettext("Say why."), field="reason")
        if kept.extensions.filter(granted=None).exists():
            raise Refused(gettext("You asked already; wait for the answer."))
        made = Extension.objects.create(loan=kept, until=until, reason=reason.strip(), asked_by=by)
        seal(kept, "ask-extension", {"until": str(until)}, by=by)
        return str(made.pk)

    asked = {"loan": str(loan.pk), "until": str(until), "reason": reason}
    return Extension.objects.get(pk=once(command, "loan.ask-extension", asked, act, by=by))


def _require_renewable(loan: Loan, until: date) -> None:
    if loan.ends_on is None or until <= loan.ends_on:
        raise InputError(gettext("Choose a day after the present end."), field="until")
    latest = terms.latest_renewal(loan.policy, Purpose(loan.purpose), loan.ends_on, loan.renewed)
    if latest is not None and until > latest:
        raise InputError(
            gettext("The policy allows an extension until %(latest)s at most.") % {"latest": latest}, field="until"
        )


def decide_extension(extension: Extension, *, granted: bool, answer: str, by: User, command: UUID) -> Extension:
    """Grant or refuse an extension as an officer; a delinquent borrower gets none."""

    def act() -> str:
        kept = held_loan(extension.loan, by, is_officer, "extend")
        row = kept.extensions.select_for_update().get(pk=extension.pk)
        if row.granted is not None:
            raise WrongState(gettext("This was decided already."))
        if granted:
            _require_renewable(kept, row.until)
            if delinquency(kept.borrower, kept.institution, today()):
                raise Refused(gettext("The borrower or the institution is delinquent; nothing is extended."))
            step(kept, "extend", ends_on=row.until, renewed=kept.renewed + 1)
        row.granted, row.answer, row.decided_by = granted, answer.strip(), by
        row.save(update_fields=["granted", "answer", "decided_by"])
        seal(kept, "extend-loan" if granted else "refuse-extension", {"until": str(row.until)}, by=by)
        notices.tell_borrower(kept, "extended" if granted else "not-extended")
        return str(row.pk)

    asked = {"extension": str(extension.pk), "granted": granted, "answer": answer}
    return Extension.objects.get(pk=once(command, "loan.decide-extension", asked, act, by=by))


def end_early(loan: Loan, until: date, *, reason: str, by: User, command: UUID) -> Loan:
    """Call a loan back before its end, as the agreement allows the lender."""

    def act() -> str:
        kept = held_loan(loan, by, is_officer, "end early")
        if kept.ends_on is None or not today() <= until < kept.ends_on:
            raise InputError(gettext("Choose a day from today on, before the present end."), field="until")
        if not reason.strip():
            raise InputError(gettext("Say why; the borrower reads it."), field="reason")
        step(kept, "end early", ends_on=until, ended_early_because=reason.strip())
        seal(kept, "end-loan-early", {"until": str(until), "reason": reason.strip()}, by=by)
        notices.tell_borrower(kept, "ended-early")
        return str(kept.pk)

    asked = {"loan": str(loan.pk), "until": str(until), "reason": reason}
    return again(once(command, "loan.end-early", asked, act, by=by))


def ask_transfer(
    line: LoanLine, to: User, *, institution: str, country: str = "", reason: str, by: User, command: UUID
) -> Transfer:
    """Ask that another person takes a line over; that person accepts, then an officer decides."""

    def act() -> str:
        loan = held_loan(line.loan, by, is_borrower, "transfer")
        kept = held_line(loan, line)
        if to.pk == by.pk or not institution.strip() or not reason.strip():
            raise InputError(gettext("Name another person, their institution, and the reason."), field="to")
        if AccountKind.RESIDUE in balances(kept):
            raise Refused(
                gettext("%(line)s is left over from an analysis; it goes back to the lender.") % {"line": kept.label},
                line=kept.label,
            )
        if kept.transfers.filter(approved=None).exists():
            raise Refused(gettext("A transfer of this line is open already."), line=kept.label)
        made = Transfer.objects.create(
            line=kept, to=to, institution=institution.strip(), country=country, reason=reason.strip(), asked_by=by
        )
        seal(loan, "ask-transfer", {"line": kept.label, "institution": institution.strip()}, by=by)
        notices.ask_receiver(made)
        return str(made.pk)

    asked = {"line": str(line.pk), "to": str(to.pk), "institution": institution, "country": country, "reason": reason}
    return Transfer.objects.get(pk=once(command, "loan.ask-transfer", asked, act, by=by))


def accept_transfer(transfer: Transfer, *, by: User, command: UUID) -> Transfer:
    """Agree, as the receiver, to answer for the line."""

    def act() -> str:
        row = _open_transfer(transfer)
        if row.to_id != by.pk:
            raise NotAllowed("This is not yours to do.")
        row.accepted_at = database_now()
        row.save(update_fields=["accepted_at"])
        seal(row.line.loan, "accept-transfer", {"line": row.line.label}, by=by)
        return str(row.pk)

    asked = {"transfer": str(transfer.pk)}
    return Transfer.objects.get(pk=once(command, "loan.accept-transfer", asked, act, by=by))


def _open_transfer(transfer: Transfer) -> Transfer:
    rows = Transfer.objects.select_for_update(of=("self",)).select_related("line__loan__agency", "line__split", "to")
    row = rows.get(pk=transfer.pk)
    if row.approved is not None:
        raise WrongState(gettext("This was decided already."))
    return row


def decide_transfer(transfer: Transfer, *, approved: bool, by: User, command: UUID) -> Transfer:
    """Approve or refuse a transfer as an officer: approved, the line's mass moves to a new loan with the same end."""

    def act() -> str:
        loan = held_loan(transfer.line.loan, by, is_officer, "transfer")
        row = _open_transfer(transfer)
        if approved:
            if row.accepted_at is None:
                raise Refused(gettext("The receiver has not agreed yet."))
            require_no_debts(row.to, row.institution)
            row.made = _pass_on(loan, row, by=by, command=command)
        row.approved, row.decided_by = approved, by
        row.save(update_fields=["approved", "decided_by", "made"])
        facts = {"line": row.line.label, "to": row.made.code if row.made else ""}
        seal(loan, "transfer-custody" if approved else "refuse-transfer", facts, by=by)
        return str(row.pk)

    asked = {"transfer": str(transfer.pk), "approved": approved}
    return Transfer.objects.get(pk=once(command, "loan.decide-transfer", asked, act, by=by))


def _pass_on(loan: Loan, row: Transfer, *, by: User, command: UUID) -> Loan:
    line = held_line(loan, row.line)
    mass = balances(line).get(AccountKind.LOAN, 0)
    if not mass:
        raise Refused(gettext("Nothing is left of %(line)s.") % {"line": line.label}, line=line.label)
    made = _taken_over(loan, row, by)
    taken = LoanLine.objects.create(
        loan=made, number=1, split=line.split, lent=line.lent, parent=line, disposition=line.disposition, granted_ng=mass,
        issued_ng=mass, issued_sigma_ng=line.issued_sigma_ng, received_ng=mass, received_sigma_ng=line.received_sigma_ng,
    )  # fmt: skip
    source, target = account(AccountKind.LOAN, line), account(AccountKind.LOAN, taken)
    shift(line, MovementKind.TRANSFER, source, target, mass, by=by, command=command, reason=row.reason)
    hand_over(line.lent or line.split, row.institution, reason=taken.label)
    close_if_empty(line)
    seal(made, "take-over-loan", {"from": line.label, "mass": SAMPLE_MASS.text(mass)}, by=by)
    notices.tell_borrower(made, "taken-over")
    lead_home(loan)
    return made


def _taken_over(loan: Loan, row: Transfer, by: User) -> Loan:
    """Make the receiver's loan. It begins on loan: the material never came back to the store."""
    now = database_now()
    return Loan.objects.create(
        agency=loan.agency, policy_slug=loan.policy_slug, code=drawn("L-", Loan), request=loan.request, borrower=row.to,
        institution=row.institution, country=row.country, purpose=loan.purpose, title=loan.title, state=LoanState.ACTIVE,
        synthetic=loan.synthetic, approved_at=now, approved_by=by, signed_at=now, certificate=loan.certificate,
        received_on=now.date(), ends_on=loan.ends_on, renewed=loan.renewed,
    )  # fmt: skip
