"""What is missing: reported, looked for, found again, or written off by two officers with a public note."""

from typing import Final
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.actions.keeping import store
from moonbridge.cooperation.samples.models import Incident, LoanLine, Split
from moonbridge.cooperation.samples.rules.ledger import is_curator, may_countersign
from moonbridge.cooperation.samples.states.ledger import INCIDENTS
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError, NotAllowed
from moonbridge.ledger.movements import Posting, post
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import append, once

ON_LOAN: Final = frozenset({AccountKind.LOAN, AccountKind.TRANSIT, AccountKind.RESIDUE})
"""Accounts that belong to a line of a loan."""


def report_missing(
    split: Split, account: AccountName, *, mass: int, description: str, by: User, command: UUID
) -> Incident:
    """Report that ``mass`` nanograms of a piece are not where the books have them; they wait in LOST until they are found."""

    def act() -> str:
        _check(split, by)
        incident = Incident.objects.create(
            split=split, mass=mass, missing_from=str(account), description=description, reported_by=by
        )
        _move(incident, MovementKind.LOSE, account, by, command)
        _seal("report missing", incident, by, public=False)
        return str(incident.pk)

    asked = {"split": str(split.pk), "account": str(account), "mass": str(mass), "description": description}
    return Incident.objects.get(pk=once(command, "samples.report-missing", asked, act, by=by))


def investigate(incident: Incident, *, by: User, command: UUID) -> Incident:
    """Begin to look for what is missing."""

    def act() -> str:
        held = _held(incident, by)
        _step(held, "investigate")
        _seal("investigate", held, by, public=False)
        return str(held.pk)

    return Incident.objects.get(pk=once(command, "samples.investigate", {"incident": str(incident.pk)}, act, by=by))


def find(incident: Incident, *, by: User, command: UUID) -> Incident:
    """Take note that it was found, even after it was written off; its mass goes to :func:`place_of`.

    Where that is the store, because the line that it was missing from is over, the agency answers for the piece again: the curator
    confirms that it is in hand.
    """

    def act() -> str:
        held = _held(incident, by)
        place = place_of(held)
        _step(held, "find")
        _move(held, MovementKind.FIND, place, by, command)
        if place != account_of(held):
            hand_over(held.split, held.split.collection.agency.name, reason=f"found, {held.label}"[:200])
        _seal("find", held, by, public=bool(held.public_note), place=str(place))
        return str(held.pk)

    return Incident.objects.get(pk=once(command, "samples.find", {"incident": str(incident.pk)}, act, by=by))


def place_of(incident: Incident) -> AccountName:
    """Return where the mass of an incident belongs once it is found: where it was missing from, or the store if that is over."""
    account = account_of(incident)
    code, _slash, number = account.label.rpartition("/")
    if account.kind not in ON_LOAN or not number.isdecimal():
        return account
    line = LoanLine.objects.filter(loan__code=code, number=int(number)).select_related("loan").first()
    return store(incident.split) if line is None or _is_over(line, account.kind) else account


def _is_over(line: LoanLine, kind: AccountKind) -> bool:
    """Return whether nobody would send, receive or weigh what came to this account of a line now."""
    if line.closed_on is not None:
        return True
    if kind is AccountKind.TRANSIT:
        under_way = line.loan.received_on is None or line.sent_back_on is not None
        return not under_way or line.weighed_back_ng is not None
    return line.sent_back_on is not None


def write_off(incident: Incident, *, public_note: str, second: User, by: User, command: UUID) -> Incident:
    """Give up the search: ``by`` and a ``second`` officer sign, and the public reads ``public_note``."""

    def act() -> str:
        held = _held(incident, by)
        if second == by or not may_countersign(second, held.split.collection):
            raise NotAllowed(_("Writing off takes the signatures of two officers."))
        if not public_note.strip():
            raise InputError(_("Write down for the public what was lost and how."), field="public_note")
        _step(held, "write off", public_note=public_note.strip(), signed_by=by, countersigned_by=second)
        _seal("write off", held, by, public=True)
        return str(held.pk)

    asked = {"incident": str(incident.pk), "note": public_note, "second": str(second.pk)}
    return Incident.objects.get(pk=once(command, "samples.write-off", asked, act, by=by))


def account_of(incident: Incident) -> AccountName:
    """Return the account from which it is missing."""
    kind, _colon, label = incident.missing_from.partition(":")
    return AccountName(AccountKind[kind], label)


def _check(split: Split, by: User) -> None:
    if not is_curator(by, split.collection):
        raise NotAllowed(_("Only a curator of this collection can do this."))


def _held(incident: Incident, by: User) -> Incident:
    parts = ("split__collection__book", "split__collection__agency")
    held = Incident.objects.select_for_update(of=("self",)).select_related(*parts).get(pk=incident.pk)
    _check(held.split, by)
    return held


def _step(incident: Incident, verb: str, **columns: object) -> None:
    incident.state = INCIDENTS.after(verb, incident.state)
    for name, value in columns.items():
        setattr(incident, name, value)
    incident.save(update_fields=["state", *columns])


def _move(incident: Incident, kind: MovementKind, account: AccountName, by: User, command: UUID) -> None:
    lost = AccountName(AccountKind.LOST, incident.label)
    giver, receiver = (account, lost) if kind is MovementKind.LOSE else (lost, account)
    legs = {giver: -incident.mass, receiver: incident.mass}
    post(Posting(uuid5(command, kind.value), kind, incident.split.collection.book, legs, by=by))


def _seal(verb: str, incident: Incident, by: User, *, public: bool, place: str = "") -> None:
    collection = incident.split.collection
    told = {"split": incident.split.name, "mass": SAMPLE_MASS.text(incident.mass, "g"), "state": incident.state}
    told |= {"note": incident.public_note} if public else {"incident": incident.label}
    told |= {"place": place.partition(":")[0] if public else place} if place else {}
    append(verb, collection.address, told, agency=collection.agency.slug, by=by, public=public)
