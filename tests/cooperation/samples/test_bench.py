"""The curator's bench: what is made of pieces, said before it is done, done once, exact to the nanogram, and by nobody else."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

import builders
from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from cooperation.selection.test_concurrency import at_once
from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.cooperation.samples.actions import keeping, recombining
from moonbridge.cooperation.samples.actions.keeping import Part, Weighed
from moonbridge.cooperation.samples.actions.recombining import Blend, Share
from moonbridge.cooperation.samples.models import Alias, Collection, Custody, Parentage, Split, Weighing
from moonbridge.cooperation.samples.names import NameTaken, naming_of
from moonbridge.cooperation.samples.queries import bench, descent
from moonbridge.cooperation.samples.queries.custody import of_piece
from moonbridge.cooperation.samples.stock import stocks
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.ledger.genealogy import PieceKind
from moonbridge.engines.ledger.movements import NotEnough
from moonbridge.errors import InputError
from moonbridge.ledger import queries as books
from moonbridge.ledger.audit import audit
from moonbridge.ledger.models import Movement
from moonbridge.record.models import Entry


def client(user: User | None = None) -> Client:
    made = Client()
    if user is not None:
        made.force_login(user)
    return made


def command() -> dict[str, str]:
    return {"command": str(uuid4())}


def row(prefix: str, number: int, /, **fields: object) -> dict[str, str]:
    """One row of a form as a browser sends it, with what it proposes where nothing else is said."""
    part = {"kind": "split", "pieces": 1, "contamination": "", "name": "", "description": ""}
    proposed = part if prefix == "part" else {}
    told = {"sigma": "10 ug"} | proposed | fields
    return {f"{prefix}-{number}-{name}": str(value) for name, value in told.items()}


def parts(*masses: str, loss: str = "", **fields: object) -> dict[str, str]:
    rows = [row("part", number, mass=mass, **fields) for number, mass in enumerate(masses)]
    return {name: value for one in rows for name, value in one.items()} | {"rows": str(len(masses)), "loss": loss}


def shares(*given: tuple[str, str], **head: str) -> dict[str, str]:
    rows = [row("share", number, piece=piece, mass=mass) for number, (piece, mass) in enumerate(given)]
    return {name: value for one in rows for name, value in one.items()} | {"rows": str(len(given))} | head


def in_store(split: Split) -> int:
    return bench.in_store(Split.objects.select_related("collection__book").get(pk=split.pk)).amount


def require_sound(house: House) -> None:
    """The database finds nothing to object to, and neither does the audit."""
    lending.require_sound(house)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    assert audit(house.book).differences == []


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.django_db
def test_a_piece_is_divided_exactly_and_all_pages_show_it(house: House) -> None:
    path = reverse("sample-divide", args=[house.powder.pk])
    told = (
        parts("0.123456789 g", "200 mg", loss="1 ng") | {"balance": "XP26", "witness": str(house.second.pk)} | command()
    )
    answers = [client(house.curator).post(path, told) for _ in range(2)]  # a double click
    assert [answer.status_code for answer in answers] == [302, 302]
    made = list(Split.objects.filter(name__startswith="T0001,").order_by("name"))
    assert [(piece.name, in_store(piece)) for piece in made] == [("T0001,1", 123_456_789), ("T0001,2", 200 * MG)]
    assert (in_store(house.powder), lending.held(house, AccountKind.PREP_LOSS)) == (1000 * MG - 323_456_790, 1)
    assert Movement.objects.filter(kind="split").count() == 1
    assert {(one.operator, one.witness) for one in Weighing.objects.filter(split__in=made)} == {
        (house.curator, house.second)
    }
    history = client(house.curator).get(reverse("sample-history", args=[house.powder.pk])).content.decode()
    assert "T0001,2" in history
    listed = client().get(reverse("sample-catalogue"), {"q": "T0001,"}).content.decode()
    assert "123.456789 mg" in listed
    flows = {(flow.source, flow.target): flow.amount for flow in of_piece(house.powder).flows}
    assert flows["piece:T0001", "piece:T0001,1"] == 123_456_789
    require_sound(house)


@pytest.mark.django_db
def test_what_it_adds_up_to_is_said_before_it_is_done(house: House) -> None:
    lending.granted(house, lending.powder(house, 100))
    path = reverse("sample-divide", args=[house.powder.pk])
    page = client(house.curator).post(path, parts("700 mg", loss="1 mg") | {"look": "1"}).content.decode()
    assert "1 g = 700 mg in parts + 1 mg dust + 299 mg that stays" in page
    assert "It fits." in page
    assert "T0001,1" in page
    page = client(house.curator).post(path, parts("500 mg", "450 mg") | {"look": "1"}).content.decode()
    assert "It does not fit: 900 mg is free, 50 mg is missing." in page
    more = client(house.curator).post(path, parts("500 mg") | {"add": "rows"}).content.decode()
    assert re.findall(r'name="rows" value="(\d+)"', more) == ["4"]
    assert Movement.objects.filter(kind="split").count() == 0
    refused = client(house.curator).post(path, parts("500 mg", "450 mg") | command())
    assert refused.status_code == 409
    assert "T0001 has 900 mg free and 100 mg set aside for loans; 950 mg was asked." in refused.content.decode()
    assert Split.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "said"),
    [
        (parts("5 mg", contamination=0), "What is made of class 1 cannot be of class 0"),
        (parts("5 parsec"), "is not a unit"),
        (parts("0 mg"), "Say what it weighs"),
        (parts("5 mg", sigma=""), "Say how good the balance is"),
        (parts("5 mg", pieces=3), "only sections and mounts are counted"),
        (parts("", contamination=1), "Fill in one row at least."),
    ],
)  # fmt: skip
def test_what_cannot_be_divided_like_this_is_said_at_its_place(house: House, told: dict[str, str], said: str) -> None:
    dirty = house.piece("T0003", 10 * MG, contamination=1)
    answer = client(house.curator).post(reverse("sample-divide", args=[dirty.pk]), told | command())
    assert (answer.status_code, said in answer.content.decode()) == (400, True)
    assert not Split.objects.filter(name__startswith="T0003,").exists()


@pytest.mark.django_db
def test_sections_conserve_their_count_and_go_as_a_whole(house: House) -> None:
    path = reverse("sample-divide", args=[house.clast.pk])
    told = parts("6 mg", kind="thin-section", pieces=3, sigma="", name="T0002 box")
    assert client(house.curator).post(path, told | command()).status_code == 302
    box = Split.objects.get(name="T0002 box")
    assert (box.pieces, box.nominal, box.kind, box.parentage.get().kind) == (3, True, "thin-section", "thin-section")
    path = reverse("sample-divide", args=[box.pk])
    short = parts("3 mg", "3 mg", kind="thin-section", sigma="")
    page = client(house.curator).post(path, short | command())
    assert (page.status_code, "is 3 sections or mounts, and the parts are 2" in page.content.decode()) == (400, True)
    whole = short | {"part-1-pieces": "2"}
    left = client(house.curator).post(path, whole | {"part-1-mass": "2 mg"} | command())
    assert (left.status_code, "1 mg of T0002 box would be left without a section" in left.content.decode()) == (
        409,
        True,
    )
    assert client(house.curator).post(path, whole | command()).status_code == 302
    made = Split.objects.filter(parentage__parent=box)
    assert sorted(piece.pieces for piece in made) == [1, 2]
    assert {piece.parentage.get().kind for piece in made} == {"split"}
    require_sound(house)


@pytest.mark.django_db
def test_what_is_kept_for_good_stays_so_in_its_parts(house: House) -> None:
    kept = house.piece("T0009", 50 * MG, material="powder", facts={"kept_for": "permanent", "form": "powder"})
    told = [Part(Weighed(MG, 1)), Part(Weighed(MG, kind="nominal"), PieceKind.THIN_SECTION)]
    powder, section = keeping.divide(kept, told, naming=naming_of(house.collection), by=house.curator, command=uuid4())
    assert (powder.facts, section.facts) == (kept.facts, {"kept_for": "permanent"})
    assert not any(stock.lendable for stock in stocks([powder, section]).values())


@pytest.mark.django_db
def test_a_name_is_given_once_and_never_that_of_another_piece(house: House) -> None:
    naming = naming_of(house.collection)
    Alias.objects.create(split=house.clast, name="T0001,2")
    made = keeping.divide(
        house.powder,
        [Part(Weighed(MG, 1), name="T0001,1"), *[Part(Weighed(MG, 1))] * 2],
        naming=naming,
        by=house.curator,
        command=uuid4(),
    )
    assert [piece.name for piece in made] == ["T0001,1", "T0001,3", "T0001,4"]
    for name, said in (("T0001,4", "has a piece “T0001,4” already"), ("T0001,2", "is another name of T0002")):
        with pytest.raises(NameTaken, match=said):
            keeping.divide(
                house.powder, [Part(Weighed(MG, 1), name=name)], naming=naming, by=house.curator, command=uuid4()
            )
    path = reverse("sample-take-in", args=[house.collection.slug])
    told = {"name": "T0001", "mass": "5 mg", "sigma": "1 ug", "contamination": "0"} | command()
    assert client(house.curator).post(path, told).status_code == 409
    assert in_store(house.powder) == 997 * MG


@pytest.mark.django_db(transaction=True)
def test_of_two_who_divide_the_same_piece_at_once_one_is_refused_in_words() -> None:
    house = House()
    naming = naming_of(house.collection)
    answers = at_once(*(
        lambda by=by: keeping.divide(house.powder, [Part(Weighed(600 * MG, 1))], naming=naming, by=by, command=uuid4())
        for by in (house.curator, house.second)
    ))  # fmt: skip
    (refused,) = [answer for answer in answers if not isinstance(answer, list)]
    assert type(refused) is NotEnough
    assert str(refused).startswith("T0001 has 400 mg free and 0 g set aside for loans; 600 mg was asked.")
    assert in_store(house.powder) == 400 * MG
    assert Split.objects.filter(name__startswith="T0001,").count() == 1
    require_sound(house)


@pytest.mark.django_db(transaction=True)
def test_pieces_of_one_sample_that_are_divided_at_once_get_names_of_their_own() -> None:
    house = House()
    naming = naming_of(house.collection)
    wholes = keeping.divide(
        house.powder, [Part(Weighed(100 * MG, 1))] * 4, naming=naming, by=house.curator, command=uuid4()
    )
    answers = at_once(*(
        lambda whole=whole: keeping.divide(
            Split.objects.select_related("collection__book").get(pk=whole.pk), [Part(Weighed(MG, 1))] * 3, naming=naming,
            by=house.curator, command=uuid4(),
        )
        for whole in wholes
    ))  # fmt: skip
    names = sorted(int(piece.name.removeprefix("T0001,")) for made in answers for piece in made)
    assert names == list(range(5, 17))
    require_sound(house)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_divides_once() -> None:
    house, click = House(), uuid4()
    naming = naming_of(house.collection)
    one, two = at_once(*[
        lambda: keeping.divide(house.powder, [Part(Weighed(MG, 1))], naming=naming, by=house.curator, command=click)
    ] * 2)  # fmt: skip
    assert one == two
    assert in_store(house.powder) == 999 * MG


@pytest.mark.django_db
def test_a_collection_is_opened_and_a_sample_taken_in(house: House) -> None:
    path = reverse("samples-collection-new", args=[house.agency.slug])
    told = {"name": "Soil of Mare Crisium", "material": "powder"} | command()
    for _ in range(2):
        assert client(house.curator).post(path, told).url == reverse("samples-book", args=["soil-of-mare-crisium"])
    made = Collection.objects.get(slug="soil-of-mare-crisium")
    assert (made.agency, made.book.synthetic, made.material) == (house.agency, False, "powder")
    assert (
        Entry.objects.filter(verb="open collection", subject=made.address).count() == 2
    )  # the agency's chain and the public one
    again = client(house.curator).post(path, told | command())
    assert (again.status_code, "at the address “soil-of-mare-crisium” already" in again.content.decode()) == (409, True)
    assert client(house.curator).post(path, {"name": "月壤"} | command()).status_code == 400
    path = reverse("sample-take-in", args=[made.slug])
    told = {
        "name": " L24-1 ",
        "mass": "170.1 g",
        "sigma": "1 mg",
        "contamination": "0",
        "kept_for": "backup",
    } | command()
    for _ in range(2):
        assert client(house.curator).post(path, told).status_code == 302
    sample = Split.objects.get(collection=made)
    assert (sample.name, sample.facts, in_store(sample)) == ("L24-1", {"kept_for": "backup"}, 170_100_000_000)
    assert books.totals(made.book) == {AccountKind.ORIGIN: -170_100_000_000, AccountKind.STORE: 170_100_000_000}
    page = client(house.curator).get(reverse("samples-book", args=[made.slug])).content.decode()
    assert "170.1 g" in page


@pytest.mark.django_db
def test_a_mixture_carries_its_shares_and_is_no_cleaner_than_any(house: House) -> None:
    dirty = house.piece("T0003", 40 * MG, contamination=2, material="basalt")
    path = reverse("sample-mix", args=[house.collection.slug])
    told = shares(("T0001", "12.000001 mg"), ("T0003", "8 mg"))
    looked = client(house.curator).post(path, told | {"look": "1"}).content.decode()
    assert "The mixture will hold 20.000001 mg." in looked
    clean = client(house.curator).post(path, told | {"contamination": "1"} | command())
    assert (clean.status_code, "What is made of class 2 cannot be of class 1" in clean.content.decode()) == (400, True)
    click = command()
    for _ in range(2):
        assert client(house.curator).post(path, told | click).status_code == 302
    made = Split.objects.get(kind="mixture")
    assert (made.name, made.contamination, made.material, in_store(made)) == (
        "T0001,1",
        2,
        "powder + basalt",
        20_000_001,
    )
    assert [(one.parent.name, one.mass) for one in descent.made_of(made)] == [("T0001", 12_000_001), ("T0003", 8 * MG)]
    assert (in_store(house.powder), in_store(dirty)) == (1000 * MG - 12_000_001, 32 * MG)
    assert (made.weighings.get().kind, made.weighings.get().sigma) == ("derived", 14_142)
    page = client().get(reverse("sample", args=[made.pk])).content.decode()
    assert "T0003, 8 mg" in page
    flows = {(flow.source, flow.target): flow.amount for flow in of_piece(made).flows}
    assert (flows["piece:T0001", "piece:T0001,1"], flows["piece:T0003", "piece:T0001,1"]) == (12_000_001, 8 * MG)
    assert Entry.objects.get(verb="mix").body["facts"]["of"][1] == {"piece": "T0003", "mass": "0.008 g"}
    require_sound(house)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ([("T0001", "5 mg"), ("T0001", "5 mg")], 400, "named twice"),
        ([("T0001", "5 mg"), ("T0099", "5 mg")], 400, "no piece “T0099”"),
        ([("T0001", "5 mg")], 400, "takes two pieces"),
        ([("T0001", "5 mg"), ("T0002", "301 mg")], 409, "T0002 has 298 mg free"),
        ([("T0001", "5 mg"), ("box", "1 mg")], 409, "box is counted, not weighed"),
    ],
)
def test_what_cannot_be_mixed_changes_nothing(
    house: House, given: list[tuple[str, str]], status: int, said: str
) -> None:
    section = Part(Weighed(2 * MG, kind="nominal"), PieceKind.THIN_SECTION, name="box")
    keeping.divide(house.clast, [section], naming=naming_of(house.collection), by=house.curator, command=uuid4())
    answer = client(house.curator).post(reverse("sample-mix", args=[house.collection.slug]), shares(*given) | command())
    assert (answer.status_code, said in answer.content.decode()) == (status, True)
    assert not Movement.objects.filter(kind="recombine").exists()


@pytest.mark.django_db
def test_a_piece_of_another_collection_is_not_mixed_in(house: House) -> None:
    other = House()
    with pytest.raises(InputError, match="two pieces of this collection"):
        recombining.mix(
            house.collection,
            [Share(house.powder, MG), Share(other.powder, MG)],
            Blend(),
            by=house.curator,
            command=uuid4(),
        )
    assert not Movement.objects.filter(kind="recombine").exists()


@pytest.mark.django_db
def test_a_renumbered_piece_is_found_by_both_numbers_and_keeps_its_reserve(house: House, settings, tmp_path) -> None:
    files = settings.STORAGES["default"] | {"OPTIONS": {"location": str(tmp_path), "base_url": None}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    lending.pictured(house)
    lending.published(house)
    keeping.take_custody(house.powder, custodian="Vault B", by=house.curator)
    keeping.divide(
        house.powder,
        [Part(Weighed(700 * MG, 1))],
        naming=naming_of(house.collection),
        by=house.curator,
        command=uuid4(),
    )
    Alias.objects.create(split=house.powder, name="CE-Z-17")
    path, told = (
        reverse("sample-renumber", args=[house.powder.pk]),
        {"name": "LS-1", "reason": "One scheme."} | command(),
    )
    answers = [client(house.curator).post(path, told) for _ in range(2)]
    new = Split.objects.select_related("collection__book").get(name="LS-1")
    assert {answer.url for answer in answers} == {reverse("sample-history", args=[new.pk])}
    assert (in_store(new), in_store(house.powder)) == (300 * MG, 0)
    assert sorted(new.aliases.values_list("name", flat=True)) == ["CE-Z-17", "T0001"]
    assert stocks([new])[new.pk].original == 1000 * MG
    for text in ("T0001", "LS-", "CE-Z"):
        rows = client().get(reverse("sample-catalogue"), {"q": text, "kind": "sample"}).content.decode()
        assert ("LS-1" in rows, f'href="{reverse("sample", args=[house.powder.pk])}"' in rows) == (True, False)
    old = client().get(reverse("sample", args=[house.powder.pk])).content.decode()
    assert "It got another number:" in old
    page = client().get(reverse("sample", args=[new.pk])).content.decode()
    assert "Under crossed polarisers" in page
    assert "10.1126/science.abl7957" in page
    held = Custody.objects.filter(period__endswith=None)
    assert [(one.split, one.custodian) for one in held] == [(new, "Vault B")]
    flows = {(flow.source, flow.target): flow.amount for flow in of_piece(new).flows}
    assert flows["piece:T0001", "piece:LS-1"] == 300 * MG
    assert Entry.objects.get(verb="renumber").body["facts"] == {"from": "T0001", "to": "LS-1", "reason": "One scheme."}
    again = client(house.curator).post(reverse("sample-renumber", args=[new.pk]), told | {"name": "T0001"} | command())
    assert (again.status_code, "“T0001” is another name of LS-1" in again.content.decode()) == (409, True)
    require_sound(house)


@pytest.mark.django_db
def test_what_is_promised_or_lent_keeps_its_number_and_its_custodian(house: House) -> None:
    loan = lending.on_loan(house)
    portion = loan.lines.get().lent
    told = {"name": "LS-1", "reason": "x"}
    answer = client(house.curator).post(reverse("sample-renumber", args=[portion.pk]), told | command())
    assert (answer.status_code, "20 mg is out of the store" in answer.content.decode()) == (409, True)
    lending.granted(house, lending.powder(house, 30))
    answer = client(house.curator).post(reverse("sample-renumber", args=[house.powder.pk]), told | command())
    assert (answer.status_code, "30 mg is set aside" in answer.content.decode()) == (409, True)
    path = reverse("sample-custody", args=[portion.pk])
    answer = client(house.curator).post(path, {"custodian": "Vault B", "reason": "x"} | command())
    assert (answer.status_code, "20 mg of T0001,1 is with a borrower" in answer.content.decode()) == (409, True)
    assert not Split.objects.filter(name="LS-1").exists()


@pytest.mark.django_db
def test_custody_is_handed_over_once_at_one_instant(house: House) -> None:
    path, told = (
        reverse("sample-custody", args=[house.clast.pk]),
        {"custodian": "Vault B", "reason": "Flood."} | command(),
    )
    for _ in range(2):
        assert client(house.curator).post(path, told).status_code == 302
    keeping.take_custody(house.powder, custodian="Vault B", by=house.curator)
    assert [(one.custodian, one.reason) for one in house.clast.custodies.all()] == [("Vault B", "Flood.")]
    assert client(house.curator).post(path, told | command()).status_code == 409
    client(house.curator).post(path, {"custodian": "Vault C", "reason": "Dry."} | command())
    first, second = house.clast.custodies.order_by("period")
    assert (first.period.upper, second.period.upper) == (second.period.lower, None)
    assert Entry.objects.filter(verb="entrust").count() == 2


def addresses(house: House) -> dict[str, dict[str, str]]:
    """Every page of the bench, and what would change something there."""
    piece, book = [house.clast.pk], [house.collection.slug]
    return {
        reverse("samples-collection-new", args=[house.agency.slug]): {"name": "Another"},
        reverse("sample-take-in", args=book): {"name": "T0010", "mass": "1 mg", "sigma": "1 ug", "contamination": "0"},
        reverse("sample-mix", args=book): shares(("T0001", "5 mg"), ("T0002", "5 mg")),
        reverse("sample-divide", args=piece): parts("5 mg"),
        reverse("sample-weigh", args=piece): {"mass": "299 mg", "sigma": "1 ug"},
        reverse("sample-renumber", args=piece): {"name": "LS-2", "reason": "x"},
        reverse("sample-custody", args=piece): {"custodian": "Vault B", "reason": "x"},
    }


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["office", "auditor", "reviewer", "borrower", "stranger", "elsewhere", None])
def test_nobody_but_a_curator_of_the_agency_works_at_its_bench(house: House, who: str | None) -> None:
    elsewhere = builders.role(RoleKind.CURATOR, Scope.AGENCY, builders.agency())
    visitor = client(elsewhere if who == "elsewhere" else getattr(house, who) if who else None)
    before = Movement.objects.count(), Entry.objects.count(), Split.objects.count()
    missing = 302 if who is None else 404  # a stranger is asked to sign in
    for path, told in addresses(house).items():
        assert (path, visitor.get(path).status_code) == (path, missing)
        assert (path, visitor.post(path, told | command()).status_code) == (path, missing)
    assert (Movement.objects.count(), Entry.objects.count(), Split.objects.count()) == before
    assert Parentage.objects.count() == Custody.objects.count() == 0


@pytest.mark.django_db
def test_a_curator_finds_the_bench_from_the_desk_and_changes_nothing_without_a_command(house: House) -> None:
    visitor = client(house.curator)
    desk = visitor.get(reverse("samples-desk", args=[house.agency.slug])).content.decode()
    piece = visitor.get(reverse("sample-history", args=[house.clast.pk])).content.decode()
    for path, told in addresses(house).items():
        assert path in desk + piece
        assert visitor.get(path).status_code == 200
        assert (path, visitor.post(path, told).status_code) == (path, 400)
        assert (path, visitor.post(path, told | command()).status_code) == (path, 302)
    office = client(house.office).get(reverse("samples-desk", args=[house.agency.slug])).content.decode()
    assert reverse("samples-collection-new", args=[house.agency.slug]) not in office
