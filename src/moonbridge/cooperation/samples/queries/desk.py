"""What lies on a curator's desk: everything of an agency that is due, late, low, on its way, missing or waiting, as one list."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.models import Extension, Incident, Loan, LoanLine, Split, Transfer
from moonbridge.cooperation.samples.queries import bookings, lending, showing
from moonbridge.cooperation.samples.queries.bench import waiting
from moonbridge.cooperation.samples.states.ledger import BookingKind, IncidentState, ReweighingState
from moonbridge.cooperation.samples.states.lending import LAPSES, OUT, LoanState
from moonbridge.cooperation.samples.stock import catalogue, form_of
from moonbridge.engines.lending.policy import Policy, Unit
from moonbridge.quantities import SAMPLE_MASS

MOST_LOW: Final = 50
"""Low pieces that one page tells of; a collection that runs dry has thousands, a page after the other (:func:`low`)."""

SOON: Final = timedelta(days=90)
"""What is due later is listed only where one asks for what is due."""

_LOW = """
SELECT piece.id, a.id, a.balance - a.held, first.amount FROM ledger_account AS a
-- OFFSET 0 keeps the planner from joining all pieces before it takes the first accounts.
CROSS JOIN LATERAL (SELECT e.amount FROM ledger_entry AS e WHERE e.account_id = a.id AND e.version = 1 OFFSET 0) AS first
CROSS JOIN LATERAL (
    SELECT s.id FROM samples_collection AS c JOIN samples_split AS s ON s.collection_id = c.id AND s.name = a.label
    WHERE c.book_id = a.book_id OFFSET 0
) AS piece
WHERE a.book_id = ANY (ARRAY(SELECT book_id FROM samples_collection WHERE agency_id = %s)) AND a.kind = 'store' AND a.balance > 0
    AND a.id > %s AND (a.balance - a.held) * 1000 <= first.amount * %s ORDER BY a.id LIMIT %s
"""


class What(StrEnum):
    """Why something lies on the desk, the most pressing first."""

    OVERDUE = "overdue"
    INCIDENT = "incident"
    REQUEST = "request"
    QUESTION = "question"
    LAPSING = "lapsing"
    RETURNED = "returned"
    DIFFERENCE = "difference"
    SIGNATURE = "signature"
    UNDERWAY = "underway"
    LOW = "low"
    DUE = "due"


WAITING: Final = {
    LoanState.SIGNED: What.QUESTION,
    LoanState.CERTIFIED: What.QUESTION,
    LoanState.PREPARED: What.QUESTION,
    LoanState.RECEIVED: What.QUESTION,
    LoanState.WEIGHED: What.RETURNED,
    LoanState.RECONCILED: What.RETURNED,
}
"""States in which the next step is the lender's."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing on the desk: what it is about, who it concerns, until when, and the page on which one acts."""

    what: What
    name: str
    detail: str
    who: str
    on: date | None
    address: str
    mass: int | None = None
    grave: bool = False
    synthetic: bool = False

    def is_later_than(self, day: date) -> bool:
        """Return whether it is merely due, and after that day."""
        return self.what == What.DUE and self.on is not None and self.on > day

    def speaks_of(self, text: str) -> bool:
        """Return whether ``text`` stands in it, whatever the letter case."""
        return text.casefold() in f"{self.name} {self.detail} {self.who}".casefold()


@dataclass(slots=True)
class Desk:
    """The desk of one agency on a day, as ``user`` may see it.

    ``more_low`` says, once its matters were read, whether more pieces are low than it lists.
    """

    agency: Partner
    day: date
    user: User
    more_low: bool = False

    def matters(self, *, what: str = "", text: str = "") -> list[Matter]:
        """Return what lies on it, of one kind or all, perhaps only what speaks of ``text``: the most pressing first.

        Of all kinds together what is due in more than :data:`SOON` is left out.
        """
        soon = self.day + SOON
        asked = [sort for sort in _SORTS if not what or what in sort]
        found = [matter for sort in asked for matter in _SORTS[sort](self)]
        order = list(What)
        timely = (one for one in found if one.what == what or (not what and not one.is_later_than(soon)))
        chosen = [one for one in timely if one.speaks_of(text)]
        return sorted(chosen, key=lambda one: (order.index(one.what), one.on or date.max, one.name))


def _loans(desk: Desk) -> Iterator[Matter]:
    """Yield what is owed on loans, what waits to be signed or received, and what is back."""
    for shown in showing.listed(lending.running(desk.agency.pk), desk.day):
        yield from _debts(shown)
        if step := _step(shown.loan):
            what, detail, on = step
            yield _of_loan(shown.loan, what, detail, on, grave=on is not None and on < desk.day)


def _debts(shown: showing.LoanShown) -> Iterator[Matter]:
    for owed in shown.owing:
        what = What.OVERDUE if owed.late else What.DUE
        yield _of_loan(shown.loan, what, owed.text, owed.debt.due, grave=owed.delinquent)


def _step(loan: Loan) -> tuple[What, str, date | None] | None:
    """Return what a loan waits for beside its debts."""
    state = LoanState(loan.state)
    if state in LAPSES:
        return What.LAPSING, str(state.label), loan.reserved_until
    if state == LoanState.DISPATCHED:
        return What.UNDERWAY, _("to the borrower, with %(carrier)s") % {"carrier": loan.carrier}, None
    if state in OUT and (sent := [line.sent_back_on for line in loan.lines.all() if _comes_back(line)]):
        return What.UNDERWAY, _("on its way back"), min(day for day in sent if day)
    return (WAITING[state], str(state.label), None) if state in WAITING else None


def _comes_back(line: LoanLine) -> bool:
    return line.sent_back_on is not None and line.weighed_back_ng is None and line.closed_on is None


def _of_loan(loan: Loan, what: What, detail: str, on: date | None, *, grave: bool = False) -> Matter:
    mass = sum(
        line.issued_ng or line.granted_ng for line in loan.lines.all() if line.parent_id is None and not line.closed_on
    )
    return Matter(
        what,
        loan.code,
        detail,
        loan.institution,
        on,
        reverse("loan", args=[loan.code]),
        mass,
        grave=grave,
        synthetic=loan.synthetic,
    )


def _requests(desk: Desk) -> Iterator[Matter]:
    found = lending.to_decide(desk.user).filter(agency=desk.agency)
    for one in found.order_by("submitted_at"):
        day = one.submitted_at.date() if one.submitted_at else None
        address = reverse("sample-request", args=[one.pk])
        yield Matter(What.REQUEST, one.code, one.title, one.institution, day, address, synthetic=one.synthetic)


def _questions(desk: Desk) -> Iterator[Matter]:
    """Yield what borrowers ask: more time, or to pass material on."""
    for asked in Extension.objects.filter(loan__agency=desk.agency, granted=None).select_related("loan"):
        detail = _("more time, until %(day)s") % {"day": asked.until.isoformat()}
        yield _question(asked.loan, detail, asked.asked_at.date(), reverse("loan", args=[asked.loan.code]))
    transfers = Transfer.objects.filter(line__loan__agency=desk.agency, approved=None, accepted_at__isnull=False)
    for transfer in transfers.select_related("line__loan"):
        detail = _("transfer to %(institution)s") % {"institution": transfer.institution}
        yield _question(transfer.line.loan, detail, transfer.asked_at.date(), reverse("loans-mine"))


def _question(loan: Loan, detail: str, on: date, address: str) -> Matter:
    return Matter(What.QUESTION, loan.code, detail, loan.institution, on, address, synthetic=loan.synthetic)


def _incidents(desk: Desk) -> Iterator[Matter]:
    still_open = [IncidentState.OPEN, IncidentState.INVESTIGATED]
    found = Incident.objects.filter(split__collection__agency=desk.agency, state__in=still_open)
    for one in found.select_related("split__collection__book").order_by("at"):
        yield Matter(
            What.INCIDENT, one.split.name, str(IncidentState(one.state).label), one.missing_from, one.at.date(),
            reverse("incident", args=[one.pk]), one.mass, grave=True, synthetic=one.split.collection.book.synthetic,
        )  # fmt: skip


def _differences(desk: Desk) -> Iterator[Matter]:
    """Yield the new weighings with which the books do not agree and which nobody has settled."""
    for one in waiting(desk.agency.pk):
        weighing, split = one.weighing, one.weighing.split
        yield Matter(
            What.DIFFERENCE, split.name, str(ReweighingState(one.state).label), str(one.signed_by or ""), weighing.weighed_at.date(),
            reverse("sample-weighing", args=[one.pk]), weighing.mass, grave=one.closure.two_officers,
            synthetic=split.collection.book.synthetic,
        )  # fmt: skip


def _bookings(desk: Desk) -> Iterator[Matter]:
    """Yield what one officer signed for and another has to."""
    for one in bookings.waiting(desk.agency.pk):
        split = one.split
        yield Matter(
            What.SIGNATURE, split.name, str(BookingKind(one.kind).label), one.receiver or str(one.signed_by), one.at.date(),
            reverse("sample-booking", args=[one.pk]), one.mass, synthetic=split.collection.book.synthetic,
        )  # fmt: skip


def _low(desk: Desk) -> Iterator[Matter]:
    """Yield the first low pieces, and note whether there are more."""
    found, following = low(desk.agency)
    desk.more_low = following is not None
    yield from found


def low(agency: Partner, *, after: int = 0, most: int | None = None) -> tuple[list[Matter], int | None]:
    """Return a page of the divisible pieces of which nothing above the reserve floor is left, though there is something in store.

    They come in the order in which they were taken in, behind the account ``after``, :data:`MOST_LOW` or ``most`` of them; the second
    value is where the next page begins, None on the last.
    """
    policy, most = agency.lender.policy, most or MOST_LOW
    with connection.cursor() as cursor:
        cursor.execute(_LOW, [agency.pk, after, policy.floor_permille.used or 0, most + 1])
        found = cursor.fetchall()
    rows = {key: (free, original) for key, _account, free, original in found[:most]}
    splits = catalogue().in_bulk(list(rows))
    shown = [splits[key] for key in rows if key in splits and policy.unit(form_of(splits[key])) == Unit.MASS]
    matters = [_low_matter(split, *rows[split.pk], policy) for split in shown]
    return matters, found[most - 1][1] if len(found) > most else None


def _low_matter(split: Split, free: int, original: int, policy: Policy) -> Matter:
    told = {"floor": SAMPLE_MASS.text(policy.floor(original)), "original": SAMPLE_MASS.text(original)}
    return Matter(
        What.LOW, split.name, _("floor %(floor)s of %(original)s") % told, split.collection.name, None,
        reverse("sample-history", args=[split.pk]), free, synthetic=split.collection.book.synthetic,
    )  # fmt: skip


_SORTS: Final[dict[frozenset[What], Callable[[Desk], Iterator[Matter]]]] = {
    frozenset({What.OVERDUE, What.DUE, What.LAPSING, What.UNDERWAY, What.RETURNED, What.QUESTION}): _loans,
    frozenset({What.REQUEST}): _requests,
    frozenset({What.QUESTION}): _questions,
    frozenset({What.INCIDENT}): _incidents,
    frozenset({What.DIFFERENCE}): _differences,
    frozenset({What.SIGNATURE}): _bookings,
    frozenset({What.LOW}): _low,
}
"""Where each kind of matter comes from; only what is asked for is read."""
