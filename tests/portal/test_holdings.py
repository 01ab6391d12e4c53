"""Where samples are, for everybody: published figures with their sources, and the books down to institutions, never people."""

import pytest
from django.test import Client

from cooperation.samples import lending
from cooperation.samples.lending import House
from moonbridge.cooperation.programmes.models import Mission
from moonbridge.cooperation.samples.models import Collection

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]


def page(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_is_published_of_a_mission_has_its_sources_and_unknown_stays_unknown() -> None:
    """Chang'e-5: 1,731 g; of seven loans abroad one mass is published, 3 x 20 mg."""
    html = page("/samples/missions/change-5/")
    assert "1.731 kg" in html or "1731 g" in html
    assert "60 mg" in html
    assert "Open University" in html
    assert "unknown" in html
    assert 'id="sources"' in html
    told = Client().get("/api/v1/missions/change-5/holdings").json()["published"]
    assert told["returned"]["mass"] == "1731 g"
    assert told["returned"]["sources"]
    abroad = [share for share in told["shared"] if share["abroad"]]
    assert len(abroad) == 7
    assert [share["mass"]["mass"] for share in abroad if share["mass"]] == ["60 mg"]
    assert Client().get("/samples/missions/no-such-mission/").status_code == 404
    assert "change-6" in page("/samples/where/")


def test_the_books_are_shown_to_institutions_and_say_what_is_synthetic() -> None:
    house = House()
    loan = lending.on_loan(house)
    slug = house.collection.slug
    Collection.objects.filter(slug=slug).update(mission=Mission.objects.get(slug="change-5"))
    for path in (f"/samples/collections/{slug}/", "/samples/missions/change-5/"):
        html = page(path)
        assert "Institute of Basalt" in html
        for private in (house.borrower.name, loan.code, lending.first(loan).lent.name, house.curator.name):
            assert private not in html
        assert "SYNTHETIC" not in html
    assert f'href="/samples/collections/{slug}/"' in page("/samples/where/")
    told = Client().get(f"/api/v1/holdings/{slug}").json()
    assert told["places"] == {"store": "1.28 g", "loan": "20 mg"}
    assert told["lent_to"] == [{"institution": "Institute of Basalt", "country": "FR", "mass": "20 mg", "loans": 1}]
    assert Client().get("/api/v1/holdings").json() == [told]


def test_a_synthetic_collection_says_so_in_large_letters() -> None:
    from moonbridge.cooperation.samples.actions import keeping
    from moonbridge.cooperation.samples.models import Lender

    house = House()
    made = keeping.open_collection("made-up", name="Made up", agency=house.agency, synthetic=True)
    assert Lender.objects.filter(agency=made.agency).exists()
    assert "SYNTHETIC: this collection is invented" in page("/samples/collections/made-up/")
    assert Client().get("/api/v1/holdings/made-up").json()["synthetic"] is True


def test_collections_of_agencies_that_lend_nothing_are_not_public() -> None:
    house = House()
    house.agency.lender.delete()
    assert Client().get(f"/samples/collections/{house.collection.slug}/").status_code == 404
    assert Client().get(f"/api/v1/holdings/{house.collection.slug}").status_code == 404
    assert Client().get("/api/v1/holdings").json() == []
