"""Get hold of a request or a loan for a change: locked, allowed, and sealed afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation import lots
from moonbridge.cooperation.samples.conflicts import bars
from moonbridge.cooperation.samples.models import Lender, Loan, LoanLine, Request
from moonbridge.cooperation.samples.states.lending import LOANS, REQUESTS
from moonbridge.engines.lending.policy import Policy
from moonbridge.errors import NotAllowed, Refused
from moonbridge.record.actions import append


@dataclass(frozen=True, slots=True)
class _Codes:
    """The codes that are taken, looked up one at a time: there may be a hundred thousand."""

    model: type[Request] | type[Loan]

    def __contains__(self, code: object) -> bool:
        return self.model.objects.filter(code=code).exists()


def drawn(prefix: str, model: type[Request] | type[Loan]) -> str:
    """Return a code drawn by lot that nothing of ``model`` has, ``L-7KX2P``: a running number would tell how many others there are.

    Two that draw the same at the same instant, one in 17 million, the database tells apart.
    """
    return lots.drawn(prefix, _Codes(model), length=5)


def held_request(request: Request, by: User, rule: Callable[[User, Request], bool], verb: str = "") -> Request:
    """Lock the request and return it as it stands now, if ``rule`` lets ``by`` change it and ``verb`` is possible.

    Who has a conflict with it is refused like who may not see it.
    """
    kept = Request.objects.select_for_update(of=("self",)).select_related("agency", "by").get(pk=request.pk)
    if not rule(by, kept) or bars(kept, by):
        raise NotAllowed("This is not yours to do.")
    if verb:
        REQUESTS.after(verb, kept.state)
    return kept


def held_loan(loan: Loan, by: User, rule: Callable[[User, Loan], bool], verb: str) -> Loan:
    """Lock the loan and return it as it stands now, if ``rule`` lets ``by`` change it and ``verb`` is possible."""
    kept = Loan.objects.select_for_update(of=("self",)).select_related("agency", "borrower").get(pk=loan.pk)
    if not rule(by, kept):
        raise NotAllowed("This is not yours to do.")
    LOANS.after(verb, kept.state)
    return kept


def lines_of(loan: Loan) -> list[LoanLine]:
    """Return the lines of a loan with what movements need, in the order in which accounts are taken: by the split's name."""
    lines = loan.lines.select_related("split__collection__book", "lent__collection__book", "loan", "parent")
    return sorted(lines, key=lambda line: (line.split.collection.book_id, line.split.name, line.number))


def line_of(loan: Loan, line: LoanLine) -> LoanLine:
    """Return a line of the locked loan as it stands now."""
    found = loan.lines.select_related("split__collection__book", "lent__collection__book", "loan").filter(pk=line.pk)
    kept = found.first()
    if kept is None:
        raise NotAllowed("This line is not in this loan.")
    return kept


def policy_of(agency: UUID) -> Policy:
    """Return the policy by which an agency lends; raises :class:`Refused` where it lends nothing."""
    lender = Lender.objects.filter(agency=agency).first()
    if lender is None:
        raise Refused(gettext("This agency lends no samples here."))
    return lender.policy


def step(loan: Loan, verb: str, **columns: Any) -> None:
    """Lead the loan to where ``verb`` leads, and write ``columns`` with it."""
    loan.state = LOANS.after(verb, loan.state)
    for name, value in columns.items():
        setattr(loan, name, value)
    loan.save(update_fields=["state", *columns])


def seal(thing: Request | Loan, verb: str, facts: dict[str, Any], *, by: User | None, public: bool = False) -> None:
    """Append what was done to the record of the lending agency; amounts are text, and no person is named."""
    append(verb, thing.address, facts, agency=thing.agency.slug, by=by, public=public)
