"""Search: however Chang'e is spelled, the same missions are found."""

import pytest

from moonbridge.cooperation.programmes import actions, queries
from moonbridge.cooperation.programmes.actions import Document
from moonbridge.cooperation.programmes.search import names_form, normal_form
from moonbridge.formats.catalogue import load


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Chang'e-6", "change 6"),
        ("CHANG’E 6", "change 6"),
        ("Changʼe　６", "change 6"),
        ("嫦娥六号", "嫦娥6号"),
        ("Universität zu Köln", "universitat zu koln"),
        ("Türkiye", "turkiye"),
        ("Île-de-France, Straße, Łódź, Tromsø", "ile de france strasse lodz tromso"),
        ("  ", ""),
    ],
)
def test_normal_form(text: str, form: str) -> None:
    assert normal_form(text) == form
    assert normal_form(form) == form


def test_names_are_also_written_together() -> None:
    assert names_form(["Chang'e-6", "CE-6", ""]) == "| change 6 | ce 6 | change6 | ce6 |"


def found(text: str, *kinds: str) -> list[str]:
    return [document.address for document in queries.search(text, kinds=kinds)]


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded_catalogue")
class TestSearch:
    def test_every_spelling_of_change_finds_the_same_missions(self) -> None:
        expected = {f"mission/change-{number}" for number in (4, 5, 6, 7, 8)} | {
            "mission/queqiao-1",
            "mission/queqiao-2",
        }
        for text in ("Chang'e", "Chang’e", "change", "CHANGE", "嫦娥"):
            assert set(found(text, "mission")) == expected, text

    @pytest.mark.parametrize(
        "text", ["Chang'e-6", "change 6", "change6", "CE-6", "ce6", "嫦娥六号", "嫦娥6号", "Chang’E 6"]
    )
    def test_one_mission_by_all_its_names_comes_first(self, text: str) -> None:
        assert found(text)[0] == "mission/change-6"

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("DORN", "payload/dorn"),
            ("radon", "payload/dorn"),
            ("Toulouse", "partner/irap"),
            ("Köln", "partner/cologne"),
            ("Koln", "partner/cologne"),
            ("Turkey", "partner/tr"),
            ("Türkiye", "partner/tr"),
            ("法国", "partner/fr"),
            ("Roscosmos", "partner/roscosmos"),
            ("роскосмос", "partner/roscosmos"),
            ("国际月球科研站", "programme/ilrs"),
            ("Kazakhstan", "partner/kz"),
            ("Tianwen 3", "mission/tianwen-3"),
            ("ODTU", "partner/metu"),
        ],
    )
    def test_names_in_any_script_and_with_or_without_diacritics(self, text: str, address: str) -> None:
        assert found(text)[0] == address

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("Roskosmos", "partner/roscosmos"),
            ("Tianwan", "mission/tianwen-3"),
            ("retroreflektor", "payload/inrri"),
            ("Kasakhstan", "partner/kz"),
            ("Quequiao", "mission/queqiao-2"),
        ],
    )
    def test_slips_of_the_pen_are_forgiven(self, text: str, address: str) -> None:
        assert address in found(text)[:8]

    def test_all_words_must_match(self) -> None:
        assert found("reflector Frascati")[0] in {"payload/inrri", "payload/lra-it", "payload/lra-it-8"}
        assert found("radon Frascati") == []

    def test_a_number_is_whole(self) -> None:
        assert "mission/change-6" not in found("change 60")

    @pytest.mark.parametrize("text", ["", "   ", "'", "%", "xyzzy qwert", "\\", "a" * 5000])
    def test_nothing_is_found_for_nothing(self, text: str) -> None:
        assert found(text) == []

    def test_what_was_said_is_found_too(self) -> None:
        assert "mission/queqiao-2" in found("retrograde")
        assert "programme/clep" in found("export control")

    def test_another_stage_keeps_its_own_documents(self) -> None:
        actions.put_documents([Document("opportunity/one", "Radon on the Moon", weight=9)], origin="opportunities")
        assert found("radon")[0] == "opportunity/one"
        actions.load_catalogue(load(), again=True)
        assert "opportunity/one" in found("radon")
        actions.remove_documents(origin="opportunities")
        assert "opportunity/one" not in found("radon")

    def test_it_takes_at_most_two_queries(self, django_assert_max_num_queries) -> None:
        for text in ("Chang'e", "Roskosmos"):
            with django_assert_max_num_queries(2):
                assert found(text)
