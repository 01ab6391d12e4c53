"""Whole collections come in as they are: the list of lunar root specimens, the first Chinese release, and a synthetic one."""

import uuid
from pathlib import Path

import pytest
from django.db import connection

import builders
from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.cooperation.samples.actions import importing, keeping
from moonbridge.cooperation.samples.actions.replaying import replay
from moonbridge.cooperation.samples.models import Collection, Parentage, Split
from moonbridge.engines.ledger.accounts import AccountKind, AccountName, Balance
from moonbridge.engines.ledger.naming import scheme
from moonbridge.engines.ledger.synthetic import SyntheticCollection
from moonbridge.errors import InputError
from moonbridge.formats import catalogue
from moonbridge.formats.specimens import read
from moonbridge.ledger import queries
from moonbridge.ledger.audit import audit
from moonbridge.ledger.models import Account, Movement
from moonbridge.quantities import SAMPLE_MASS

pytestmark = pytest.mark.django_db

LIST = Path(__file__).parents[4] / "shared" / "samples" / "apollo_root_specimens_moondb.csv"


def ask_the_guards() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.skipif(not LIST.exists(), reason="the list of lunar root specimens is not on this machine")
def test_the_lunar_root_specimens_come_in_exact_to_the_nanogram() -> None:
    agency = builders.agency()
    lines = LIST.read_text(encoding="utf-8").splitlines()
    told = importing.import_specimens(read(lines, name=LIST.name), agency=agency, prefix="moondb", source=LIST.name)
    ask_the_guards()
    assert (told.samples, SAMPLE_MASS.text(told.mass, "g")) == (2435, "379369.019 g")
    assert (len(told.impossible), len(told.empty), len(told.collections)) == (19, 48, 9)
    books = [collection.book for collection in Collection.objects.all()]
    origin = AccountName(AccountKind.ORIGIN)
    assert sum(queries.balance(book, origin).amount for book in books) == -379_369_019_000_000
    # 19 rows state more than 100 %; one of them states it of no mass at all, of which nothing can be posted.
    adjusted = Account.objects.filter(kind="adjust")
    assert {account.label for account in adjusted} == {f"source row {row.line}" for row in told.impossible if row.mass}
    assert [row.line for row in told.impossible if not row.mass] == [945]
    row = queries.balance(
        Collection.objects.get(slug="moondb-apollo-14").book, AccountName(AccountKind.ADJUST, "source row 305")
    )
    assert row.amount == 584_500_000_000 * 29_135 // 100_000  # 14306 is stated as 129.135 % remaining of 584.5 g
    assert all(audit(book).clean for book in books)
    again = importing.import_specimens(read(lines, name=LIST.name), agency=agency, prefix="moondb", source=LIST.name)
    assert again.movements == 0
    assert Split.objects.count() == 2435


def test_a_list_that_cannot_be_read_exactly_is_refused_with_its_place() -> None:
    header = "sample_num,mission,weight,pristiny,material,taxonimy,description"
    with pytest.raises(InputError, match=r"list\.csv:2, field weight"):
        list(read([header, "1,Apollo 11,0.0000000001,,,,"], name="list.csv"))
    with pytest.raises(InputError, match=r"list\.csv:2, field pristiny"):
        list(read([header, "1,Apollo 11,0.000000001,50,,,"], name="list.csv"))
    with pytest.raises(InputError, match="columns are missing: taxonimy, description"):
        list(read(["sample_num,mission,weight,pristiny,material"], name="list.csv"))


def test_the_first_chinese_release_replays_exactly() -> None:
    agency = builders.agency()
    curator = builders.role(RoleKind.CURATOR, Scope.AGENCY, agency)
    collection = keeping.open_collection("ce5-release-1", name="Chang'e-5, first release", agency=agency, by=curator)
    whole = keeping.take_in(
        collection,
        "CE5C-R1",
        weighed=keeping.Weighed(SAMPLE_MASS.parse("17.4764 g"), kind="derived"),
        by=curator,
        command=uuid.uuid4(),
    )
    parts = [
        keeping.Part(keeping.Weighed(SAMPLE_MASS.parse(text), kind="derived"))
        for text in ("0.1576 g", "0.8688 g", "16.45 g")
    ]
    command = uuid.uuid4()
    made = keeping.divide(whole, parts, naming=scheme("CE5C0000-000"), by=curator, command=command)
    assert keeping.divide(whole, parts, naming=scheme("CE5C0000-000"), by=curator, command=command) == made
    ask_the_guards()
    held = queries.balances(collection.book)
    assert held[keeping.store(whole)] == Balance(0, 0, 2)
    assert [SAMPLE_MASS.text(held[keeping.store(piece)].amount, "g") for piece in made] == [
        "0.1576 g",
        "0.8688 g",
        "16.45 g",
    ]
    assert held[keeping.ORIGIN].amount == -17_476_400_000
    assert Movement.objects.filter(book=collection.book).count() == 2
    assert Parentage.objects.filter(parent=whole).count() == 3


def test_a_synthetic_collection_lives_and_is_labelled() -> None:
    made = SyntheticCollection(130, seed=7)
    assert list(made.movements()) == list(made.movements())
    collection = keeping.open_collection("synthetic", name="Synthetic", agency=builders.agency(), synthetic=True)
    new = importing.import_pieces(collection, made.pieces(), made.movements())
    ask_the_guards()
    assert new == Movement.objects.count() > 300
    assert importing.import_pieces(collection, made.pieces(), made.movements()) == 0
    assert Split.objects.filter(description="synthetic").count() == 130
    assert collection.book.synthetic
    assert audit(collection.book).clean


def test_a_published_release_is_replayed_from_the_catalogue_once_and_exactly() -> None:
    agency, batches = builders.agency(), catalogue.load().entries
    told = [replay(batches["batch/change-5-batch-1"], agency=agency) for _ in range(2)]
    assert [one.movements for one in told] == [2, 0]
    ask_the_guards()
    texts = {part: SAMPLE_MASS.text(mass, "g") for part, mass in told[0].parts.items()}
    assert texts == {"sections": "0.1576 g", "clasts": "0.8688 g", "powder": "16.45 g"}
    held = {str(name): one.amount for name, one in queries.balances(told[0].collection.book).items() if one.amount}
    assert held == {
        "ORIGIN": -17_476_400_000, "STORE:change-5-batch-1/sections": 157_600_000,
        "STORE:change-5-batch-1/clasts": 868_800_000, "STORE:change-5-batch-1/powder": 16_450_000_000,
    }  # fmt: skip
    assert told[0].collection.splits.get(name__endswith="sections").description == "6 sections together"
    assert Parentage.objects.filter(parent__name="change-5-batch-1").count() == 3
    with pytest.raises(InputError, match=r"given 8\.768 g, of which parts of 0 g are published"):
        replay(batches["batch/change-5-batch-4"], agency=agency)
