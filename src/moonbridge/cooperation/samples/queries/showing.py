"""What pages and files say of loans and pieces, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from moonbridge.cooperation.samples.debts import debts_of
from moonbridge.cooperation.samples.models import Alias, Loan, LoanLine, Split
from moonbridge.cooperation.samples.queries.descent import RENUMBERED
from moonbridge.cooperation.samples.queries.lending import lenders
from moonbridge.cooperation.samples.stock import catalogue, form_of, held_by_lines, lent, stocks
from moonbridge.cooperation.samples.words import OWED
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.ledger.genealogy import PieceKind
from moonbridge.engines.lending.fit import Stock
from moonbridge.engines.lending.policy import Policy, Unit
from moonbridge.engines.lending.standing import Debt
from moonbridge.ledger.models import Account
from moonbridge.quantities import SAMPLE_MASS


@dataclass(frozen=True, slots=True)
class Shown:
    """One piece in the catalogue: what there is of it, what can be lent, and what is with borrowers (nanograms)."""

    split: Split
    stock: Stock
    available: int
    lent: int
    whole: bool

    @property
    def form(self) -> str:
        """The form by which the policy speaks of it."""
        return form_of(self.split)

    @property
    def texts(self) -> dict[str, str]:
        """The masses as exact text with a unit."""
        masses = {
            "free": self.stock.free,
            "available": self.available,
            "lent": self.lent,
            "original": self.stock.original,
        }
        return {name: SAMPLE_MASS.text(mass) for name, mass in masses.items()}


def policies() -> dict[UUID, Policy]:
    """Return the policy of each agency that lends, by the agency's id."""
    return {lender.agency_id: lender.policy for lender in lenders()}


def shown(splits: Sequence[Split], by_agency: dict[UUID, Policy]) -> list[Shown]:
    """Return what the catalogue says of these pieces, under the policies of their agencies."""
    there, out = stocks(splits), lent(splits)
    return [
        _shown(split, there[split.pk], out.get(split.pk, 0), by_agency[split.collection.agency_id]) for split in splits
    ]


def _shown(split: Split, stock: Stock, on_loan: int, policy: Policy) -> Shown:
    whole = policy.unit(stock.form) == Unit.WHOLE
    return Shown(split, stock, stock.available(policy), on_loan, whole)


def found(*, text: str = "", kind: str = "", collection: str = "", free: bool = False) -> QuerySet[Split]:
    """Return the pieces of the catalogue whose name begins with ``text``, of one kind or collection, or with something free.

    A piece is found by its other names as well, and listed under its present number only.
    """
    pieces = catalogue().exclude(RENUMBERED)
    if text:
        called = Alias.objects.filter(name__istartswith=text).values("split_id")
        pieces = pieces.filter(Q(name__istartswith=text) | Q(pk__in=called))
    if kind in list(PieceKind):
        pieces = pieces.filter(kind=kind)
    if collection:
        pieces = pieces.filter(collection__slug=collection)
    if free:
        account = Account.objects.filter(
            book=OuterRef("collection__book"), kind=AccountKind.STORE, label=OuterRef("name"), balance__gt=0
        )
        pieces = pieces.filter(Exists(account))
    # By the collection's id and not its name: the index of names then gives the first page without sorting all of them.
    return pieces.order_by("collection_id", "name")


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of a loan: what people stated, and where the books have its mass now (nanograms)."""

    line: LoanLine
    held: dict[AccountKind, int]

    @property
    def texts(self) -> dict[str, str]:
        """All masses as exact text; a dash where nothing was stated."""
        line = self.line
        stated = {
            "granted": line.granted_ng, "issued": line.issued_ng, "received": line.received_ng,
            "sent_back": line.sent_back_ng, "weighed_back": line.weighed_back_ng,
        }  # fmt: skip
        booked = {kind.name.casefold(): mass for kind, mass in self.held.items()}
        return {name: SAMPLE_MASS.text(mass) if mass is not None else "–" for name, mass in (stated | booked).items()}


def lines_shown(loan: Loan) -> list[LineShown]:
    """Return the lines of a loan that was loaded with its parts."""
    lines = list(loan.lines.all())
    held = held_by_lines(lines)
    return [LineShown(line, held[line.pk]) for line in lines]


def line_shown(line: LoanLine) -> LineShown:
    """Return one line as its page shows it."""
    return LineShown(line, held_by_lines([line])[line.pk])


@dataclass(frozen=True, slots=True)
class Owing:
    """Something owed on a loan, in words, and whether it is late on the day of the page."""

    debt: Debt
    late: bool
    delinquent: bool

    @property
    def text(self) -> str:
        """What is owed, in the reader's language."""
        return str(OWED[self.debt.what])


def owing(loan: Loan, on: date) -> list[Owing]:
    """Return what is owed on a loan that was loaded with its parts, the next due first."""
    return [Owing(debt, debt.is_overdue(on), debt.is_delinquent(on)) for debt in debts_of(loan)]


@dataclass(frozen=True, slots=True)
class LoanShown:
    """One loan of a list: its lines counted, and what is owed on it."""

    loan: Loan
    owing: list[Owing]

    @property
    def late(self) -> bool:
        """Whether anything is late."""
        return any(one.late for one in self.owing)

    @property
    def next(self) -> Owing | None:
        """What is due first."""
        return self.owing[0] if self.owing else None


def listed(loans: Iterable[Loan], on: date) -> list[LoanShown]:
    """Return loans, loaded with their parts, as a list shows them."""
    return [LoanShown(loan, owing(loan, on)) for loan in loans]
