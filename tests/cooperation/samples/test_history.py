"""The way of any milligram, as flows that conserve it and as a drawing."""

from collections import defaultdict
from itertools import pairwise
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.cooperation.samples.actions import incidents, missing, returning, using
from moonbridge.cooperation.samples.models import ReportKind, Split
from moonbridge.cooperation.samples.queries.custody import MOST, History, of_piece
from moonbridge.cooperation.samples.queries.whereabouts import of_book, whereabouts
from moonbridge.cooperation.samples.sankey import LEAST, TALLEST, Flow, Node, drawn
from moonbridge.engines.ledger.synthetic import SyntheticCollection


@pytest.fixture
def house() -> House:
    return House()


def piece(house: House, name: str) -> Split:
    found = Split.objects.select_related("collection__mission", "collection__book", "collection__agency")
    return found.get(collection=house.collection, name=name)


def milligrams(history: History) -> set[tuple[str, str, int]]:
    names = {node.key: node.name for node in history.nodes}
    return {(names[flow.source], names[flow.target], flow.amount // MG) for flow in history.flows}


def conserved(history: History) -> bool:
    """Whether as much leaves each node in the middle as reaches it."""
    comes, goes = defaultdict(int), defaultdict(int)
    for flow in history.flows:
        goes[flow.source] += flow.amount
        comes[flow.target] += flow.amount
    return all(comes[key] == goes[key] for key in comes.keys() & goes.keys())


@pytest.mark.django_db
def test_a_piece_shows_whence_it_came_and_where_it_went(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, 100))
    used = {"what": "Dissolved.", "video_sha256": "e" * 64, "by": house.borrower}
    using.report(lending.first(loan), ReportKind.CONSUMED, 30 * MG, command=uuid4(), **used)
    using.report(lending.first(loan), ReportKind.RESIDUE, 5 * MG, command=uuid4(), **used)
    lost = incidents.report_missing(lending.first(loan), 4 * MG, what="Spilt.", by=house.borrower, command=uuid4())
    origin = house.collection.name
    expected = {
        (origin, "T0001", 1000), ("T0001", "T0001,1", 100), ("T0001", "in store", 900), ("T0001,1", "Institute of Basalt", 61),
        ("T0001,1", "used up", 30), ("T0001,1", "T0001,2", 5), ("T0001,2", "left over from analyses", 5), ("T0001,1", "missing", 4),
    }  # fmt: skip
    for name in ("T0001", "T0001,1"):
        history = of_piece(piece(house, name))
        assert milligrams(history) == expected
        assert conserved(history)
    missing.find(lost, by=house.curator, command=uuid4())
    returning.send_back(loan, list(loan.lines.all()), by=house.borrower, command=uuid4())
    found = milligrams(of_piece(piece(house, "T0001,1")))
    way = "on the way: Institute of Basalt"
    assert {("T0001,1", way, 65), ("T0001,1", "T0001,2", 5), ("T0001,2", way, 5)} <= found
    assert not {row for row in found if row[1] == "missing"}


@pytest.mark.django_db
def test_siblings_are_one_node_and_a_surplus_has_its_own_source(house: House) -> None:
    lending.prepared(house, lending.powder(house, 10))
    loan = lending.weighed_back(house, lending.powder(house, 100), off=2 * MG)
    for officer in (house.curator, house.office):
        loan = returning.reconcile(loan, reason="It was damp.", by=officer, command=uuid4())
    history = of_piece(piece(house, "T0001,2"))
    assert conserved(history)
    assert milligrams(history) == {
        (house.collection.name, "T0001", 1000), ("T0001", "T0001,2", 100), ("T0001", "other pieces", 10), ("T0001", "in store", 890),
        ("surplus of weighings", "T0001,2", 2), ("T0001,2", "in store", 102),
    }  # fmt: skip


@pytest.mark.django_db
def test_a_whole_book_from_the_mission_to_its_borrowers(house: House) -> None:
    lending.on_loan(house, lending.powder(house, 100))
    lending.on_loan(house, lending.powder(house, 50), by=house.other)
    (where,) = whereabouts([piece(house, "T0001").collection])
    history = of_book(where)
    origin = house.collection.name
    assert milligrams(history) == {
        (origin, "in store", 1150), (origin, "with borrowers", 150), ("with borrowers", "Institute of Basalt", 100),
        ("with borrowers", "University of Dust", 50),
    }  # fmt: skip
    assert conserved(history)


@pytest.mark.django_db
def test_a_large_family_is_cut_and_says_so(house: House) -> None:
    from moonbridge.cooperation.samples.actions.importing import import_pieces

    made = SyntheticCollection(60, seed=3)
    import_pieces(house.collection, made.pieces(), made.movements())
    history = of_piece(piece(house, "S10000"))
    assert not history.cut
    assert conserved(history)
    assert sum(flow.amount for flow in history.flows if flow.source == "origin") == -sum(
        leg.amount for one in made.movements() for leg in one.legs if str(leg.account) == "ORIGIN:S10000"
    )
    assert MOST > 20


@pytest.mark.django_db
def test_the_pages_show_picture_and_table_to_readers_only(house: House) -> None:
    loan = lending.on_loan(house)
    lent = lending.first(loan).lent

    def page(who: str, path: str) -> tuple[int, str]:
        visitor = Client()
        visitor.force_login(getattr(house, who))
        answer = visitor.get(path)
        return answer.status_code, answer.content.decode()

    for who in ("curator", "auditor", "office"):
        status, html = page(who, f"/samples/pieces/{lent.pk}/")
        assert status == 200
        assert "<svg" in html
        assert (
            html.count("<path") == html.count("</td></tr>") - html.count('<td class="nowrap">')
            or "Institute of Basalt" in html
        )
        assert page(who, f"/samples/books/{house.collection.slug}/")[0] == 200
    status, html = page("borrower", f"/samples/pieces/{lent.pk}/")
    assert status == 200
    assert "<path" not in html
    assert "STORE:" not in html
    for who in ("other", "reviewer", "stranger"):
        assert page(who, f"/samples/pieces/{lent.pk}/")[0] == 404
        assert page(who, f"/samples/books/{house.collection.slug}/")[0] == 404
    assert page("borrower", f"/samples/pieces/{house.powder.pk}/")[0] == 404
    assert page("borrower", f"/samples/books/{house.collection.slug}/")[0] == 404


def test_a_drawing_is_to_scale_and_nothing_in_it_overlaps() -> None:
    """100 in all: the fullest column is as high as may be, a half is half as high."""
    nodes = [Node("a", "A"), Node("b", "B"), Node("c", "C", end=True), Node("d", "D", end=True)]
    flows = [Flow("a", "b", 50), Flow("a", "c", 50), Flow("b", "d", 50)]
    boxes = {one.node.key: one.box for one in drawn(nodes, flows).nodes}
    assert {key: box.height for key, box in boxes.items()} == {
        "a": TALLEST, "b": TALLEST / 2, "c": TALLEST / 2, "d": TALLEST / 2,
    }  # fmt: skip
    assert boxes["a"].x < boxes["b"].x < boxes["c"].x == boxes["d"].x
    assert abs(boxes["c"].y - boxes["d"].y) > TALLEST / 2


def test_a_flow_over_a_column_keeps_its_room_there() -> None:
    """A feeds C past B: the band passes below B and is as thick as B is high."""
    nodes = [Node("a", "A"), Node("b", "B"), Node("c", "C", end=True)]
    picture = drawn(nodes, [Flow("a", "b", 50), Flow("b", "c", 50), Flow("a", "c", 50)])
    boxes = {one.node.key: one.box for one in picture.nodes}
    passing = next(one for one in picture.ribbons if (one.source.key, one.target.key) == ("a", "c"))
    assert passing.path.count("C") == 4
    middle = float(passing.path.split(" L")[1].split(",")[1].split(" ")[0])
    assert middle > boxes["b"].y + boxes["b"].height
    assert [one.flow.amount for one in picture.ribbons] == [50, 50, 50]


AMOUNTS = st.lists(st.integers(1, 10**15), min_size=1, max_size=12)


@given(AMOUNTS)
def test_columns_never_overlap_and_stay_inside(amounts: list[int]) -> None:
    nodes = [Node("o", "O"), *(Node(f"e{number}", "E", end=True) for number in range(len(amounts)))]
    picture = drawn(nodes, [Flow("o", f"e{number}", amount) for number, amount in enumerate(amounts)])
    ends = sorted((one.box for one in picture.nodes if one.node.end), key=lambda box: box.y)
    assert all(upper.y + upper.height < lower.y for upper, lower in pairwise(ends))
    assert all(one.box.height >= LEAST and one.box.y + one.box.height < picture.height for one in picture.nodes)
    assert len(picture.ribbons) == len(amounts)


def test_nothing_is_drawn_of_nothing() -> None:
    assert drawn([Node("a", "A")], []).nodes == []
