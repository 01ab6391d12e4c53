"""Does a request fit: at once, with every reason why not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from moonbridge.engines.lending.balance import Disposition
from moonbridge.engines.lending.policy import LENT_FOR, Policy, Purpose, Unit
from moonbridge.engines.lending.standing import Debt


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is of a split: its form, the nanograms in store that nobody has reserved, and those of its origin (for the floor)."""

    name: str
    form: str
    free: int
    original: int
    lendable: bool = True

    def available(self, policy: Policy) -> int:
        """Return what can be lent: free mass above the reserve floor; a piece that is lent whole has no floor of its own."""
        floor = policy.floor(self.original) if policy.unit(self.form) == Unit.MASS else 0
        return max(0, self.free - floor) if self.lendable else 0


@dataclass(frozen=True, slots=True)
class Wish:
    """One line of a request: which split, how many nanograms (None: the whole piece), and what is to become of it."""

    stock: Stock
    mass: int | None
    disposition: Disposition


class Reason(StrEnum):
    """Why a request does not fit."""

    NOTHING_ASKED = "nothing-asked"
    TWICE = "twice"
    PURPOSE = "purpose"
    NOT_LENT = "not-lent"
    WITHOUT_MASS = "without-mass"
    ONLY_WHOLE = "only-whole"
    TOO_MUCH = "too-much"
    DELINQUENT = "delinquent"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One reason why a request does not fit, with the split it speaks of, what was asked and what is available (nanograms)."""

    reason: Reason
    about: str = ""
    asked: int = 0
    available: int = 0


def hindrances(
    policy: Policy, purpose: Purpose, wishes: Iterable[Wish], debts: Iterable[Debt] = ()
) -> tuple[Hindrance, ...]:
    """Return every reason why a request cannot be granted under ``policy``; ``debts`` are those that make the borrower delinquent."""
    asked = list(wishes)
    found = [Hindrance(Reason.DELINQUENT, f"{debt.loan} {debt.what}") for debt in debts]
    if purpose not in LENT_FOR or purpose not in policy.terms:
        found.append(Hindrance(Reason.PURPOSE, purpose.value))
    if not asked:
        found.append(Hindrance(Reason.NOTHING_ASKED))
    names = [wish.stock.name for wish in asked]
    found += [Hindrance(Reason.TWICE, name) for name in sorted({name for name in names if names.count(name) > 1})]
    for wish in asked:
        found += _of_wish(policy, wish)
    return tuple(found)


def _of_wish(policy: Policy, wish: Wish) -> Iterator[Hindrance]:
    stock, available = wish.stock, wish.stock.available(policy)
    if not stock.lendable:
        yield Hindrance(Reason.NOT_LENT, stock.name)
    elif policy.unit(stock.form) == Unit.WHOLE:
        if wish.mass not in {None, stock.free}:
            yield Hindrance(Reason.ONLY_WHOLE, stock.name, wish.mass or 0, available)
        elif not available:
            yield Hindrance(Reason.TOO_MUCH, stock.name, stock.free, available)
    elif not wish.mass:
        yield Hindrance(Reason.WITHOUT_MASS, stock.name)
    elif wish.mass > available:
        yield Hindrance(Reason.TOO_MUCH, stock.name, wish.mass, available)
