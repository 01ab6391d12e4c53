"""What the engine of lending works out, against calendars counted by hand and portfolios found by trying them all."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from moonbridge.engines.lending import allocation, fit, terms
from moonbridge.engines.lending.balance import Balance, Disposition
from moonbridge.engines.lending.dates import Period, working_day_after
from moonbridge.engines.lending.fit import Hindrance, Reason, Stock, Wish
from moonbridge.engines.lending.policy import Duty, Purpose
from moonbridge.engines.lending.standing import Lent, Owed, debts, delinquent, overdue
from moonbridge.engines.selection.optimum import optimum
from moonbridge.errors import Refused
from moonbridge.formats.policies import load

CNSA, NASA = load()["cnsa"], load()["nasa-like"]
MG = 10**6
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@given(DAYS, st.integers(0, 200), st.integers(0, 400))
def test_periods_go_by_the_calendar_as_dateutil_knows_it(start: date, months: int, days: int) -> None:
    assert Period(months, days).after(start) == start + relativedelta(months=months) + timedelta(days=days)


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (Period(12), "1 year"),
        (Period(6), "6 months"),
        (Period(18, 1), "18 months 1 day"),
        (Period(24, 3), "2 years 3 days"),
        (Period(), "0 days"),
    ],
)
def test_periods_in_words(period: Period, text: str) -> None:
    assert period.text == text


@given(DAYS, st.integers(0, 60), st.sets(DAYS, max_size=5))
def test_working_days_are_counted_one_by_one(start: date, count: int, holidays: set[date]) -> None:
    end = working_day_after(start, count, holidays)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(day.isoweekday() <= 5 and day not in holidays for day in between) == count
    assert not count or (end.isoweekday() <= 5 and end not in holidays)


def test_cnsa_signs_within_ten_working_days_and_lends_a_year_and_half_a_year() -> None:
    assert terms.signing_deadline(CNSA, date(2025, 4, 24)) == date(2025, 5, 8)
    assert terms.latest_end(CNSA, Purpose.RESEARCH, date(2024, 2, 29)) == date(2025, 2, 28)
    assert terms.latest_renewal(CNSA, Purpose.RESEARCH, date(2025, 8, 31), 0) == date(2026, 2, 28)
    assert terms.latest_end(CNSA, Purpose.PUBLIC, date(2025, 12, 31)) == date(2026, 2, 28)
    with pytest.raises(Refused, match="allows 1"):
        terms.latest_renewal(CNSA, Purpose.RESEARCH, date(2026, 2, 28), 1)


@pytest.mark.parametrize("purpose", [Purpose.PERMANENT, Purpose.BACKUP])
def test_what_is_kept_is_not_lent(purpose: Purpose) -> None:
    with pytest.raises(Refused):
        terms.latest_end(CNSA, purpose, date(2025, 1, 1))


def test_what_is_unknown_stays_unknown_beside_what_is_assumed() -> None:
    assert (CNSA.inventory.value, CNSA.inventory.used, CNSA.inventory.is_assumed) == (None, Period(12), True)
    assert (NASA.inventory.value, NASA.inventory.is_assumed) == (Period(12), False)
    assert CNSA.terms[Purpose.BACKUP].longest.used is None


LENT = Lent("L-1", date(2025, 1, 10), date(2026, 1, 10), None, holds=True, ended=None, fulfilled=frozenset({Duty.DATA}))


def test_debts_follow_from_dates_alone() -> None:
    owed = debts(CNSA, LENT)
    assert [(debt.what, debt.due) for debt in owed] == [
        (Owed.INVENTORY, date(2026, 1, 10)),
        (Owed.RETURN, date(2026, 1, 10)),
        (Owed.REPORT, date(2026, 3, 10)),
        (Owed.PUBLICATIONS, date(2027, 1, 10)),
    ]
    assert not overdue(owed, date(2026, 1, 10))
    assert len(overdue(owed, date(2026, 1, 11))) == 2
    assert not delinquent(owed, date(2026, 2, 9))
    assert len(delinquent(owed, date(2026, 2, 10))) == 2


def test_an_inventory_moves_the_next_one_and_a_return_ends_both() -> None:
    counted = debts(CNSA, replace(LENT, last_inventory=date(2025, 12, 1)))
    assert next(debt.due for debt in counted if debt.what == Owed.INVENTORY) == date(2026, 12, 1)
    back = debts(CNSA, replace(LENT, holds=False, ended=date(2025, 6, 30)))
    assert [(debt.what, debt.due) for debt in back] == [
        (Owed.REPORT, date(2025, 8, 30)),
        (Owed.PUBLICATIONS, date(2026, 6, 30)),
    ]


def test_a_line_adds_up_or_says_by_how_much_it_does_not() -> None:
    balance = Balance(issued=20 * MG, on_hand=5 * MG, consumed=4 * MG, returned=10 * MG)
    assert (balance.accounted, balance.difference) == (19 * MG, 1 * MG)
    assert balance.breaches(Disposition.INTACT) == ("consumed",)
    assert balance.breaches(Disposition.REMAINDER) == ()


POWDER = Stock("P-1", "powder", free=900 * MG, original=1000 * MG)
SECTION = Stock("S-1", "section", free=26 * MG, original=26 * MG)


def test_a_request_fits_within_what_is_free_above_the_floor() -> None:
    assert POWDER.available(CNSA) == 700 * MG
    fits = fit.hindrances(
        CNSA, Purpose.RESEARCH, [Wish(POWDER, 700 * MG, Disposition.CONSUME), Wish(SECTION, None, Disposition.INTACT)]
    )
    assert fits == ()


def test_every_reason_is_told_at_once() -> None:
    late = debts(CNSA, LENT)[:1]
    lost = replace(POWDER, name="P-2", lendable=False)
    found = fit.hindrances(
        CNSA,
        Purpose.BACKUP,
        [
            Wish(POWDER, 701 * MG, Disposition.CONSUME),
            Wish(POWDER, None, Disposition.CONSUME),
            Wish(SECTION, 5 * MG, Disposition.INTACT),
            Wish(lost, MG, Disposition.INTACT),
        ],
        late,
    )
    assert found == (
        Hindrance(Reason.DELINQUENT, "L-1 inventory"),
        Hindrance(Reason.PURPOSE, "backup"),
        Hindrance(Reason.TWICE, "P-1"),
        Hindrance(Reason.TOO_MUCH, "P-1", 701 * MG, 700 * MG),
        Hindrance(Reason.WITHOUT_MASS, "P-1"),
        Hindrance(Reason.ONLY_WHOLE, "S-1", 5 * MG, 26 * MG),
        Hindrance(Reason.NOT_LENT, "P-2"),
    )
    assert fit.hindrances(CNSA, Purpose.RESEARCH, []) == (Hindrance(Reason.NOTHING_ASKED),)
    gone = replace(SECTION, free=0)
    assert fit.hindrances(CNSA, Purpose.RESEARCH, [Wish(gone, None, Disposition.INTACT)])[0].reason == Reason.TOO_MUCH


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 400)), min_size=1, max_size=7), st.integers(200, 1000))
def test_the_allocation_is_the_best_of_all_that_fit(rows: list[tuple[int, int]], free: int) -> None:
    stock = Stock("P", "powder", free * MG, 1000 * MG)
    asked = [allocation.Asking(f"R{n}", "", Fraction(merit), {"P": mass * MG}) for n, (merit, mass) in enumerate(rows)]
    result = optimum(allocation.problem(CNSA, [stock], asked, seed="seed"))
    room = free - 200
    best = max(
        sum(merit for merit, _ in some)
        for size in range(len(rows) + 1)
        for some in combinations(rows, size)
        if sum(mass for _, mass in some) <= room
    )
    assert result.value == best
    assert sum(asked[int(key[1:])].masses["P"] for key in result.choices) <= stock.available(CNSA)
