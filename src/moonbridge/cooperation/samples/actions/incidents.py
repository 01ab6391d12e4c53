"""Material of a loan is missing: reported by whoever notices, and written off by two officers, each in their own name."""

from uuid import UUID, uuid4, uuid5

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.actions import missing
from moonbridge.cooperation.samples.actions.holding import line_of, seal
from moonbridge.cooperation.samples.actions.homing import close_if_empty, lead_home
from moonbridge.cooperation.samples.actions.moving import account, shift
from moonbridge.cooperation.samples.models import Incident, Loan, LoanLine
from moonbridge.cooperation.samples.rules.ledger import is_curator as is_keeper
from moonbridge.cooperation.samples.rules.ledger import may_countersign
from moonbridge.cooperation.samples.rules.lending import is_borrower, is_officer
from moonbridge.cooperation.samples.states.ledger import INCIDENTS
from moonbridge.cooperation.samples.states.lending import OUT
from moonbridge.cooperation.samples.stock import balances
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError, NotAllowed, Refused, WrongState
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import append, once


def report_missing(line: LoanLine, mass_ng: int, *, what: str, by: User, command: UUID) -> Incident:
    """Report that material of a line is missing, as its borrower or an officer; its mass waits in LOST until it is found."""

    def act() -> str:
        loan = Loan.objects.select_for_update(of=("self",)).select_related("agency", "borrower").get(pk=line.loan_id)
        if not (is_borrower | is_officer)(by, loan):
            raise NotAllowed("This is not yours to do.")
        if loan.state not in OUT:
            raise WrongState(gettext("Nothing of this loan is out now."), state=loan.state)
        kept = line_of(loan, line)
        if kept.weighed_back_ng is not None or kept.closed_on is not None:
            raise WrongState(gettext("%(line)s is not with you any more.") % {"line": kept.label}, line=kept.label)
        if not what.strip() or mass_ng <= 0:
            raise InputError(gettext("Say what is missing, and how much."), field="what")
        made = _lose(kept, mass_ng, what.strip(), by=by, command=command)
        if kept.is_awaited:
            close_if_empty(kept)
            lead_home(loan)
        facts = {"line": kept.label, "mass": SAMPLE_MASS.text(mass_ng), "incident": str(made.pk)}
        seal(loan, "report-missing", facts, by=by)
        return str(made.pk)

    asked = {"line": str(line.pk), "mass": str(mass_ng), "what": what}
    return Incident.objects.get(pk=once(command, "incident.report", asked, act, by=by))


def _lose(line: LoanLine, mass: int, what: str, *, by: User, command: UUID) -> Incident:
    held = balances(line)
    places = [
        kind for kind in (AccountKind.LOAN, AccountKind.TRANSIT, AccountKind.RESIDUE) if held.get(kind, 0) >= mass
    ]
    if not places:
        raise Refused(gettext("%(line)s has less than that.") % {"line": line.label}, line=line.label)
    source, key = account(places[0], line), uuid4()
    lost = AccountName(AccountKind.LOST, str(key))
    shift(line, MovementKind.LOSE, source, lost, mass, by=by, command=command, reason=what)
    return Incident.objects.create(
        id=key, split=line.lent or line.split, mass=mass, missing_from=str(source), description=what, reported_by=by
    )


def write_off(incident: Incident, *, public_note: str, by: User, command: UUID) -> Incident:
    """Write off what was not found: a curator signs with a public note, another officer countersigns; then everybody is told."""

    def act() -> str:
        kept = _held(incident, by)
        if kept.signed_by is None:
            return _sign(kept, public_note.strip(), by)
        second = uuid5(command, "countersigned")
        missing.write_off(kept, public_note=kept.public_note, by=kept.signed_by, second=by, command=second)
        return str(kept.pk)

    asked = {"incident": str(incident.pk), "note": public_note}
    key = once(command, "incident.write-off", asked, act, by=by)
    return Incident.objects.select_related("split__collection__agency").get(pk=key)


def _held(incident: Incident, by: User) -> Incident:
    """Lock an incident that can be written off and return it as it stands now, for officers of the agency."""
    rows = Incident.objects.select_for_update(of=("self",)).select_related("split__collection__agency", "signed_by")
    kept = rows.get(pk=incident.pk)
    if not may_countersign(by, kept.split.collection):
        raise NotAllowed("This is not yours to do.")
    INCIDENTS.after("write off", kept.state)
    return kept


def _sign(incident: Incident, note: str, by: User) -> str:
    collection = incident.split.collection
    if not is_keeper(by, collection):
        raise NotAllowed("A curator signs first.")
    if not note:
        raise InputError(gettext("Write what the public is told."), field="public_note")
    incident.signed_by, incident.public_note = by, note
    incident.save(update_fields=["signed_by", "public_note"])
    facts = {"incident": incident.label, "note": note}
    append("sign-write-off", collection.address, facts, agency=collection.agency.slug, by=by)
    return str(incident.pk)
