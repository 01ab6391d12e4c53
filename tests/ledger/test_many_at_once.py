"""Many movements at once: the same balances, entries and log as one by one, the same refusals, and nobody waits in a circle."""

import json
import random
import uuid
from dataclasses import replace
from itertools import batched

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperation.selection.test_concurrency import at_once
from ledger.test_movements import LIKELY, ask_the_guards
from moonbridge.engines.ledger import merkle, seal
from moonbridge.engines.ledger.accounts import AccountKind, AccountName, Balance
from moonbridge.engines.ledger.movements import MovementKind, NotEnough
from moonbridge.engines.ledger.synthetic import SyntheticCollection
from moonbridge.errors import CommandReused, Refused
from moonbridge.ledger import log, queries
from moonbridge.ledger.audit import audit
from moonbridge.ledger.models import Account, Book, Entry, Leaf, Movement
from moonbridge.ledger.movements import Posting, lock, post, post_all

pytestmark = pytest.mark.django_db

K = MovementKind
ORIGIN, STORE, OTHER = AccountName(AccountKind.ORIGIN), *(AccountName(AccountKind.STORE, label) for label in "ab")
LOAN = AccountName(AccountKind.LOAN, "a")
BOOK = Book()
RESERVED, CLOSED = uuid.uuid4(), uuid.uuid4()
ONE_BY_ONE = "ledger_post(id"


def a_book():
    return queries.book(f"book-{uuid.uuid4()}", name="A book", quantity="sample mass")


def one_by_one(postings) -> int:
    with transaction.atomic():
        return sum(post(posting) for posting in postings)


def state(book) -> dict[str, object]:
    """Return everything that the books say, but the clock: accounts, movements in the order of their log, entries, the log's root."""
    movements = Movement.objects.filter(book=book).order_by("at", "id")
    return {
        "accounts": list(Account.objects.filter(book=book).order_by("pk").values_list("pk", "balance", "held", "version")),
        "movements": [(movement.pk, movement.legs, bytes(movement.digest)) for movement in movements],
        "entries": list(Entry.objects.filter(account__book=book).order_by("movement_id", "leg").values()),
        "root": logged(book),
    }  # fmt: skip


def logged(book) -> bytes:
    """Return the root of the book's log as it would be now, if every clock stood still."""
    with transaction.atomic():
        log.append_new(book)
        bodies = Leaf.objects.filter(book=book).order_by("number").values_list("body", flat=True)
        root = merkle.root_of(merkle.leaf_hash(seal.canonical(body | {"at": ""})) for body in bodies)
        transaction.set_rollback(True)
    return root


def tried(book, act) -> tuple[object, dict[str, object]]:
    """Return what ``act`` answered and the state that it left, and take it back."""
    with transaction.atomic():
        try:
            answer = act()
        except Refused as refusal:
            answer = (type(refusal), str(refusal), refusal.code)
        ask_the_guards()
        left = state(book)
        transaction.set_rollback(True)
    return answer, left


def drawn(book, ids, steps) -> list[Posting]:
    """Return postings with ``ids``; some close or take back an earlier one, or repeat its id."""
    made = []
    for number, ((kind, legs), back, role) in enumerate(steps):
        earlier = ids[back % (len(made) + 1)]
        made.append(
            Posting(
                earlier if role == "same id" else ids[number], kind, book, legs,
                reservation=earlier if role == "closes" else None, corrects=earlier if role == "corrects" else None,
            )
        )  # fmt: skip
    return made


LAWFUL = st.one_of(
    st.builds(lambda amount, store: (K.INTAKE, {ORIGIN: -amount, store: amount}), st.integers(1, 60), st.sampled_from([STORE, OTHER])),
    st.builds(lambda amount: (K.SPLIT, {STORE: -amount, OTHER: amount}), st.integers(1, 20)),
    st.builds(lambda amount: (K.GRANT, {STORE: -amount, LOAN: amount}), st.integers(1, 20)),
    st.builds(lambda amount: (K.RESERVE, {STORE: amount}), st.integers(1, 20)),
    st.just((K.VOID, {})),
)  # fmt: skip
ROLES = st.sampled_from(["", "", "", "closes", "closes", "corrects", "same id"])
STEPS = st.lists(st.tuples(st.one_of(LAWFUL, LAWFUL, LAWFUL, LIKELY), st.integers(0, 30), ROLES), max_size=12)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(before=STEPS, batch=STEPS, filled=st.booleans())
def test_any_batch_does_what_its_movements_do_one_by_one(before, batch, filled) -> None:
    book = a_book()
    ids = [uuid.uuid4() for _ in range(len(before) + len(batch))]
    if filled:
        post(Posting(uuid.uuid4(), K.INTAKE, book, {ORIGIN: -900, STORE: 900}))
    postings = drawn(book, ids, [*before, *batch])
    for posting in postings[: len(before)]:
        try:
            post(posting)
        except Refused:
            continue
    asked = postings[len(before) :]
    lock(book, {name for posting in asked for name in posting.legs})  # opens them, so that both find the same
    untouched = state(book)
    expected = tried(book, lambda: one_by_one(asked))
    with CaptureQueriesContext(connection) as captured:
        assert tried(book, lambda: post_all(book, asked)) == expected
    answer, left = expected
    if not isinstance(answer, int):
        assert left == untouched
    elif all(posting.kind != K.CORRECT for posting in asked) and len({posting.id for posting in asked}) == len(asked):
        assert not [query for query in captured.captured_queries if ONE_BY_ONE in query["sql"]]


def test_a_synthetic_collection_is_judged_together_and_repeated_without_harm(django_assert_num_queries) -> None:
    book, seen = a_book(), 0
    movements = list(SyntheticCollection(60, seed=3).movements())
    postings = [
        Posting(
            movement.id, movement.kind, book, {leg.account: leg.amount for leg in movement.legs},
            reservation=movement.reservation,
        )
        for movement in movements
    ]  # fmt: skip
    for some in batched(postings, 100):
        with django_assert_num_queries(4):  # a savepoint, the accounts, all together, and the savepoint's end
            seen += post_all(book, some)
    assert seen == len(movements)
    assert post_all(book, postings) == 0
    ask_the_guards()
    assert audit(book).clean
    kept = Movement.objects.filter(book=book).order_by("at", "id").values_list("pk", flat=True)
    assert list(kept) == [movement.id for movement in movements]


def test_what_is_spent_before_it_came_is_refused_with_the_words_of_the_one() -> None:
    book = a_book()
    late = [
        Posting(uuid.uuid4(), K.INTAKE, book, {ORIGIN: -10, STORE: 10}),
        Posting(uuid.uuid4(), K.GRANT, book, {STORE: -11, LOAN: 11}),
        Posting(uuid.uuid4(), K.INTAKE, book, {ORIGIN: -90, STORE: 90}),
    ]
    with pytest.raises(NotEnough) as refused:
        post_all(book, late)
    assert str(refused.value) == "STORE:a has 10 ng free; 11 ng was asked."
    assert not Movement.objects.filter(book=book).exists()
    assert queries.balance(book, STORE) == Balance()
    with pytest.raises(CommandReused):
        post_all(book, [late[0], Posting(late[0].id, K.INTAKE, book, {ORIGIN: -11, STORE: 11})])


@pytest.mark.parametrize(
    "order",
    [
        [Posting(RESERVED, K.RESERVE, BOOK, {STORE: 5}), Posting(CLOSED, K.VOID, BOOK, {}, reservation=RESERVED)],
        [Posting(CLOSED, K.VOID, BOOK, {}, reservation=RESERVED), Posting(RESERVED, K.RESERVE, BOOK, {STORE: 5})],
        [Posting(CLOSED, K.VOID, BOOK, {STORE: -5}, reservation=RESERVED), Posting(RESERVED, K.RESERVE, BOOK, {STORE: 5})],
        [Posting(RESERVED, K.RESERVE, BOOK, {STORE: 5}), Posting(CLOSED, K.VOID, BOOK, {STORE: -5}, reservation=RESERVED)],
        [Posting(RESERVED, K.RESERVE, BOOK, {STORE: 5}), Posting(CLOSED, K.GRANT, BOOK, {OTHER: -5, LOAN: 5}, reservation=RESERVED)],
        [Posting(RESERVED, K.RESERVE, BOOK, {STORE: 5}), Posting(CLOSED, K.GRANT, BOOK, {OTHER: -5, STORE: 5}, reservation=RESERVED)],
    ],
)  # fmt: skip
def test_a_reservation_is_closed_after_it_was_made_and_where_it_is(order) -> None:
    book = a_book()
    for store in (STORE, OTHER):
        post(Posting(uuid.uuid4(), K.INTAKE, book, {ORIGIN: -10, store: 10}))
    lock(book, [LOAN])
    asked = [replace(posting, book=book) for posting in order]
    assert tried(book, lambda: post_all(book, asked)) == tried(book, lambda: one_by_one(asked))


def judged(book, **movement) -> int | None:
    """Return what the function answers to one movement that is asked of it past the library."""
    told = {"id": str(uuid.uuid4()), "reason": "", "facts": {}} | movement
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_post_many(%s, %s::jsonb)", [book.pk, json.dumps([told])])
        return cursor.fetchone()[0]


def test_the_function_takes_no_account_twice_and_none_of_another_book() -> None:
    book, other = a_book(), a_book()
    for each in (book, other):
        post(Posting(uuid.uuid4(), K.INTAKE, each, {ORIGIN: -10, STORE: 10}))
        post(Posting(uuid.uuid4(), K.GRANT, each, {STORE: -3, LOAN: 3}))
    post(Posting(reserved := uuid.uuid4(), K.RESERVE, other, {STORE: 5}))
    here, there = (
        dict(Account.objects.filter(book=each, label="a").values_list("kind", "pk")) for each in (book, other)
    )
    untouched = state(book), state(other)
    for accounts, amounts in (
        ([here["store"], here["store"], here["loan"]], [-1, -1, 2]),
        ([there["store"], there["loan"]], [-1, 1]),
        ([here["store"], there["loan"]], [-1, 1]),
        ([here["store"], 0], [-1, 1]),
        ([here["store"], here["loan"]], [-1, None]),
        ([here["store"], here["loan"]], [-1]),
    ):
        assert judged(book, kind="grant", accounts=accounts, amounts=amounts) is None
    assert judged(book, kind="void", accounts=[], amounts=[], reservation=str(reserved)) is None
    assert (state(book), state(other)) == untouched
    assert judged(book, kind="grant", accounts=[here["store"], here["loan"]], amounts=[-1, 1]) == 1


@pytest.mark.django_db(transaction=True)
def test_a_large_import_beside_single_movements_loses_nothing_and_nobody_waits_in_a_circle() -> None:
    """Both take the same accounts in opposite orders; a circle would be a deadlock, which the server breaks with an error."""
    book = a_book()
    stores = [AccountName(AccountKind.STORE, f"{number:02}") for number in range(12)]
    post_all(book, [Posting(uuid.uuid4(), K.INTAKE, book, {ORIGIN: -1_000, store: 1_000}) for store in stores])

    def carry(seed: int) -> int:
        draw = random.Random(seed)  # noqa: S311 - a test is repeated exactly
        pairs = [draw.sample(stores, 2) for _ in range(240)]
        postings = [Posting(uuid.uuid4(), K.RECOMBINE, book, {giver: -1, taker: 1}) for giver, taker in pairs]
        return sum(post_all(book, some) for some in batched(postings, 40))

    def move(seed: int) -> int:
        draw = random.Random(seed)  # noqa: S311 - a test is repeated exactly
        pairs = [draw.sample(stores, 2) for _ in range(120)]
        return sum(post(Posting(uuid.uuid4(), K.RECOMBINE, book, {taker: 1, giver: -1})) for giver, taker in pairs)

    answers = at_once(lambda: carry(1), lambda: carry(2), lambda: move(3), lambda: move(4))
    assert answers == [240, 240, 120, 120]
    found = audit(book)
    assert (found.differences, found.counted["movements"]) == ([], 12 + 720)
    assert sum(held.amount for held in queries.balances(book).values()) == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_of_the_same_at_once_each_movement_happens_once() -> None:
    book = a_book()
    postings = [Posting(uuid.uuid4(), K.INTAKE, book, {ORIGIN: -1, STORE: 1}) for _ in range(200)]
    first, second = at_once(*[lambda: sum(post_all(book, some) for some in batched(postings, 25))] * 2)
    assert first + second == 200
    assert queries.balance(book, STORE) == Balance(200, 0, 200)
