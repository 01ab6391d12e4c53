"""The movement function of the database: what it does, what it refuses, and what the database refuses without it."""

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moonbridge.engines.ledger.accounts import AccountKind, AccountName, Balance
from moonbridge.engines.ledger.movements import (
    LEGAL,
    WITHOUT_LEGS,
    Books,
    IllegalMovement,
    Leg,
    Movement,
    MovementKind,
    NotEnough,
)
from moonbridge.errors import CommandReused, Refused
from moonbridge.ledger import models, queries
from moonbridge.ledger.audit import audit
from moonbridge.ledger.movements import Posting, lock, post, post_all

pytestmark = pytest.mark.django_db

K = MovementKind
ORIGIN = AccountName(AccountKind.ORIGIN)
STORE = AccountName(AccountKind.STORE, "10084")
LOAN = AccountName(AccountKind.LOAN, "L-1/1")
TRANSIT = AccountName(AccountKind.TRANSIT, "T-1")
USED = AccountName(AccountKind.CONSUMED, "L-1/1")
MG = 1_000_000


def a_book(slug: str = "") -> models.Book:
    return queries.book(slug or f"book-{uuid.uuid4()}", name="A book", quantity="sample mass")


def posted(book, kind, legs, **more) -> uuid.UUID:
    movement = uuid.uuid4()
    assert post(Posting(movement, kind, book, legs, **more))
    return movement


def ask_the_guards() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_the_database_knows_the_table_of_the_engine() -> None:
    cases = [
        (kind, account, gains)
        for kind in K
        if kind not in WITHOUT_LEGS
        for account in AccountKind
        for gains in (True, False)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_legal(kind, account, gains) FROM unnest(%s::text[], %s::text[], %s::boolean[]) AS asked(kind, account, gains)",
            [
                [kind.value for kind, _, _ in cases],
                [account.value for _, account, _ in cases],
                [gains for *_, gains in cases],
            ],
        )
        said = [row[0] for row in cursor.fetchall()]
    expected = [account in (LEGAL[kind].gives if gains else LEGAL[kind].takes) for kind, account, gains in cases]
    assert said == expected


def test_a_loan_from_intake_to_return(django_assert_num_queries) -> None:
    book = a_book()
    posted(book, K.INTAKE, {ORIGIN: -100 * MG, STORE: 100 * MG})
    reserved = posted(book, K.RESERVE, {STORE: 20 * MG})
    assert queries.balance(book, STORE) == Balance(100 * MG, 20 * MG, 2)
    posted(book, K.POST, {STORE: -21 * MG, TRANSIT: 21 * MG}, reservation=reserved)
    posted(book, K.RECEIVE, {TRANSIT: -21 * MG, LOAN: 21 * MG})
    posted(book, K.CONSUME, {LOAN: -5 * MG, USED: 5 * MG})
    posted(book, K.RETURN, {LOAN: -16 * MG, STORE: 16 * MG})
    ask_the_guards()
    with django_assert_num_queries(1):
        found = queries.balances(book)
    assert {name: held.amount for name, held in found.items()} == {
        ORIGIN: -100 * MG, STORE: 95 * MG, TRANSIT: 0, LOAN: 0, USED: 5 * MG,
    }  # fmt: skip
    assert queries.totals(book)[AccountKind.CONSUMED] == 5 * MG
    assert sum(queries.totals(book).values()) == 0
    assert audit(book).differences == []


def test_the_same_command_twice_is_one_movement_and_other_content_is_refused() -> None:
    book, movement = a_book(), uuid.uuid4()
    first = Posting(movement, K.INTAKE, book, {ORIGIN: -5, STORE: 5}, reason="Arrived.")
    assert post(first) is True
    assert post(first) is False
    for other in ({ORIGIN: -6, STORE: 6}, {ORIGIN: -5, AccountName(AccountKind.STORE, "other"): 5}):
        with pytest.raises(CommandReused):
            post(Posting(movement, K.INTAKE, book, other, reason="Arrived."))
    with pytest.raises(CommandReused):
        post(Posting(movement, K.INTAKE, book, {ORIGIN: -5, STORE: 5}, reason="Other."))
    assert queries.balance(book, STORE) == Balance(5, 0, 1)


def test_what_is_set_aside_is_not_free() -> None:
    book = a_book()
    posted(book, K.INTAKE, {ORIGIN: -100, STORE: 100})
    reserved = posted(book, K.RESERVE, {STORE: 60})
    with pytest.raises(NotEnough) as refused:
        post(Posting(uuid.uuid4(), K.RESERVE, book, {STORE: 41}))
    assert str(refused.value) == "STORE:10084 has 40 ng free; 41 ng was asked."
    with pytest.raises(NotEnough):
        post(Posting(uuid.uuid4(), K.DISPATCH, book, {STORE: -41, TRANSIT: 41}))
    posted(book, K.VOID, {}, reservation=reserved)
    assert queries.balance(book, STORE) == Balance(100, 0, 3)
    with pytest.raises(IllegalMovement, match="closed already"):
        post(Posting(uuid.uuid4(), K.VOID, book, {}, reservation=reserved))


def test_a_correction_takes_a_movement_back_once() -> None:
    book = a_book()
    posted(book, K.INTAKE, {ORIGIN: -100, STORE: 100})
    wrong = posted(book, K.CONSUME, {STORE: -30, USED: 30})
    with pytest.raises(IllegalMovement):
        post(Posting(uuid.uuid4(), K.CORRECT, book, {USED: -29, STORE: 29}, corrects=wrong))
    posted(book, K.CORRECT, {USED: -30, STORE: 30}, corrects=wrong, reason="Mistyped.")
    with pytest.raises(IllegalMovement):
        post(Posting(uuid.uuid4(), K.CORRECT, book, {USED: -30, STORE: 30}, corrects=wrong))
    assert queries.balance(book, STORE).amount == 100
    ask_the_guards()


@pytest.mark.parametrize(
    ("kind", "legs"),
    [
        (K.INTAKE, {ORIGIN: -5, STORE: 4}),
        (K.INTAKE, {STORE: -5, LOAN: 5}),
        (K.INTAKE, {}),
        (K.INTAKE, {ORIGIN: -5}),
        (K.INTAKE, {ORIGIN: 0, STORE: 0}),
        (K.RESERVE, {LOAN: 1}),
        (K.RESERVE, {STORE: 0}),
        (K.RESERVE, {STORE: 1, AccountName(AccountKind.STORE, "x"): 1}),
        (K.VOID, {STORE: 1}),
        (K.VOID, {}),
        (K.CORRECT, {STORE: -1, LOAN: 1}),
    ],
)
def test_what_the_rules_do_not_know_is_refused_and_changes_nothing(kind, legs) -> None:
    book = a_book()
    posted(book, K.INTAKE, {ORIGIN: -100, STORE: 100})
    before = queries.balances(book)
    with pytest.raises(IllegalMovement):
        post(Posting(uuid.uuid4(), kind, book, legs))
    after = {name: held for name, held in queries.balances(book).items() if held.version}
    assert after == before
    assert models.Movement.objects.filter(book=book).count() == 1


@pytest.mark.parametrize("amount", [2**63, 10**30])
def test_more_than_the_books_can_count_is_refused_and_changes_nothing(amount) -> None:
    book = a_book()
    posted(book, K.INTAKE, {ORIGIN: -MG, STORE: MG})
    for carry_out in (post, lambda posting: post_all(book, [posting])):
        with pytest.raises(IllegalMovement, match="9223372"):
            carry_out(Posting(uuid.uuid4(), K.INTAKE, book, {ORIGIN: -amount, STORE: amount}))
    with pytest.raises(IllegalMovement, match="9223372"):
        post(Posting(uuid.uuid4(), K.INTAKE, book, {ORIGIN: 1 - 2**63, STORE: 2**63 - 1}))
    assert models.Movement.objects.filter(book=book).count() == 1


def test_amounts_never_leave_their_book() -> None:
    book, other = a_book(), a_book()
    posted(book, K.INTAKE, {ORIGIN: -100, STORE: 100})
    posted(other, K.INTAKE, {ORIGIN: -100, STORE: 100})
    here = models.Account.objects.get(book=book, kind="store").pk
    there = models.Account.objects.create(book=other, kind="loan", label="x").pk
    with pytest.raises(DatabaseError, match="not the legs"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_post(%s, 'grant', %s, %s::bigint[], '', '{}', NULL, NULL, NULL)",
            [uuid.uuid4(), [here, there], [-5, 5]],
        )


def test_many_at_once_are_all_or_nothing() -> None:
    book = a_book()
    good = [Posting(uuid.uuid4(), K.INTAKE, book, {ORIGIN: -5, STORE: 5}) for _ in range(3)]
    assert post_all(book, good) == 3
    assert post_all(book, good) == 0
    bad = Posting(uuid.uuid4(), K.DISPATCH, book, {STORE: -21, TRANSIT: 21})
    with pytest.raises(NotEnough):
        post_all(book, [Posting(uuid.uuid4(), K.INTAKE, book, {ORIGIN: -5, STORE: 5}), bad])
    assert queries.balance(book, STORE) == Balance(15, 0, 3)
    lock(book, [STORE, ORIGIN])


MOVEMENTS = """INSERT INTO ledger_movement (id, book_id, kind, legs, reason, facts, digest, at)
VALUES (%s, %s, 'adjust', %s, '', '{}', '', now())"""
ENTRIES = """INSERT INTO ledger_entry (movement_id, leg, legs, account_id, amount, hold, previous, balance, held, version)
VALUES (%s, %s, %s, %s, %s, 0, %s, %s, 0, %s)"""


def written_by_hand(book, legs, *, stated=2):
    """Write a movement and its entries past the function; ``legs`` are (account, amount, previous, balance, version)."""
    movement = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(MOVEMENTS, [movement, book.pk, stated])
        for number, (account, amount, previous, balance, version) in enumerate(legs, start=1):
            cursor.execute(ENTRIES, [movement, number, stated, account, amount, previous, balance, version])
            cursor.execute(
                "UPDATE ledger_account SET balance = %s, version = %s WHERE id = %s", [balance, version, account]
            )
    return movement


def carry_out(statement, given=()):
    """Carry out a statement past the function, to the end of its transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, given)
        ask_the_guards()


def two_accounts(book):
    posted(book, K.INTAKE, {ORIGIN: -100, STORE: 100})
    ask_the_guards()
    return models.Account.objects.get(book=book, kind="origin").pk, models.Account.objects.get(
        book=book, kind="store"
    ).pk


@pytest.mark.parametrize(
    ("fault", "legs", "stated"),
    [
        ("ledger_movement_balances", [(0, -5, -100, -105, 2), (1, 4, 100, 104, 2)], 2),
        ("ledger_movement_balances", [(0, -5, -100, -105, 2)], 2),
        ("ledger_movement_balances", [(0, 0, -100, -100, 2)], 1),
        ("ledger_movement_balances", [(0, -5, -100, -105, 2), (1, 5, 900, 905, 2)], 2),
        ("ledger_movement_balances", [(0, -5, -100, -105, 3), (1, 5, 100, 105, 2)], 2),
        ("ledger_balance_follows", [(0, -5, -100, -105, 2), (1, 5, 100, 106, 2)], 2),
        ("ledger_no_leg_more_than_stated", [(0, -5, -100, -105, 2), (1, 5, 100, 105, 2)], 1),
        ("ledger_never_more_than_there_is", [(0, 105, -100, 5, 2), (1, -105, 100, -5, 2)], 2),
        ("ledger_entries_are_counted", [(0, -5, -100, -105, 1), (1, 5, 100, 105, 1)], 2),
    ],
)
def test_the_database_refuses_what_is_written_past_the_function(fault, legs, stated) -> None:
    book = a_book()
    accounts = two_accounts(book)

    def write() -> None:
        with transaction.atomic():
            written_by_hand(book, [(accounts[place], *rest) for place, *rest in legs], stated=stated)
            ask_the_guards()

    with pytest.raises(IntegrityError) as refused:
        write()
    assert fault in str(refused.value) or refused.value.__cause__.diag.constraint_name == fault


def test_a_leg_cannot_be_added_to_a_movement_later() -> None:
    book = a_book()
    _origin, store = two_accounts(book)
    movement = models.Movement.objects.get(book=book)
    with pytest.raises(IntegrityError):
        carry_out(ENTRIES, [movement.pk, 3, 3, store, 5, 100, 105, 2])


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE ledger_account SET balance = balance + 1", "what no entry says"),
        ("UPDATE ledger_account SET held = 1 WHERE kind = 'store'", "what no entry says"),
        ("UPDATE ledger_account SET label = 'other'", "keeps its name"),
        ("UPDATE ledger_account SET kind = 'origin'", "keeps its name"),
        ("DELETE FROM ledger_account", "keeps its name"),
        ("""INSERT INTO ledger_account (book_id, kind, label, balance, held, version, changed_at)
            SELECT id, 'store', 'gift', 5, 0, 1, now() FROM ledger_book""", "what no entry says"),
        ("UPDATE ledger_entry SET amount = 1", "permission denied"),
        ("DELETE FROM ledger_entry", "permission denied"),
        ("UPDATE ledger_movement SET reason = 'x'", "Cannot update or delete"),
        ("DELETE FROM ledger_movement", "Cannot update or delete"),
        ("DELETE FROM ledger_book", "Cannot update or delete"),
    ],
)  # fmt: skip
def test_nothing_that_was_written_changes(statement, words) -> None:
    two_accounts(a_book())
    with pytest.raises(DatabaseError, match=words):
        carry_out(statement)


def test_the_books_as_of_an_earlier_instant() -> None:
    book = a_book()
    posted(book, K.INTAKE, {ORIGIN: -100, STORE: 100})
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
    posted(book, K.CONSUME, {STORE: -40, USED: 40})
    assert queries.as_of(book, before)[STORE] == Balance(100, 0, 1)
    assert STORE in queries.as_of(book, before)
    assert USED not in queries.as_of(book, before)
    assert queries.balance(book, STORE) == Balance(60, 0, 2)
    assert audit(book, at=before).counted["movements"] == 1
    assert [movement.kind for movement in queries.history(book, ["10084"])] == ["intake", "consume"]


def test_a_clock_that_goes_back_does_not_turn_history_around() -> None:
    book = a_book()
    posted(book, K.INTAKE, {ORIGIN: -100, STORE: 100})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_account SET changed_at = '2040-01-01' WHERE kind = 'store'")
    later = posted(book, K.CONSUME, {STORE: -40, USED: 40})
    assert models.Movement.objects.get(pk=later).at.year == 2040


ACCOUNTS = [AccountName(kind, label) for kind in AccountKind for label in ("a", "b")]
LEGS = st.dictionaries(st.sampled_from(ACCOUNTS), st.integers(-60, 60), max_size=3)
PAIRS = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS)).filter(lambda pair: pair[0] != pair[1])
LIKELY = st.one_of(
    st.builds(lambda account, amount: (K.INTAKE, {ORIGIN: -amount, account: amount}), st.sampled_from(ACCOUNTS), st.integers(1, 60)),
    st.builds(lambda kind, pair, amount: (kind, {pair[0]: -amount, pair[1]: amount}), st.sampled_from(list(K)), PAIRS, st.integers(1, 60)),
    st.builds(lambda account, amount: (K.RESERVE, {account: amount}), st.sampled_from(ACCOUNTS), st.integers(1, 60)),
    st.tuples(st.sampled_from(list(K)), LEGS),
)  # fmt: skip
STEPS = st.lists(st.tuples(LIKELY, st.integers(0, 30), st.booleans(), st.booleans()), max_size=25)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STEPS)
def test_database_and_engine_accept_and_refuse_the_same(steps) -> None:
    """Any sequence of valid movements keeps every promise, any invalid one changes nothing: judged by the plain books in memory."""
    book, plain = a_book(), Books()
    ids = [uuid.uuid4() for _ in steps]
    for number, ((kind, legs), back, closes, corrects) in enumerate(steps):
        earlier = ids[back % (number + 1)]
        movement = Movement(
            ids[number], kind, tuple(Leg(name, amount) for name, amount in legs.items()),
            reservation=earlier if closes else None, corrects=earlier if corrects else None,
        )  # fmt: skip
        expected = outcome(lambda movement=movement: bool(plain.post(movement)))
        posting = Posting(movement.id, kind, book, legs, reservation=movement.reservation, corrects=movement.corrects)
        assert outcome(lambda posting=posting: post(posting)) == expected
    assert {name: held for name, held in queries.balances(book).items() if held.version} == plain.balances
    ask_the_guards()
    assert audit(book).differences == []


def outcome(act) -> object:
    try:
        return act()
    except Refused as refusal:
        return type(refusal)
