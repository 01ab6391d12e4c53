"""Studies of places: what they find is the engine's, nobody else meets them, and nonsense costs nothing."""

import csv
import json
import uuid

import numpy as np
import pytest
import rasterio
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from rasterio.transform import from_origin

import builders
from moonbridge.cooperation.sites import actions, notices, tasks
from moonbridge.cooperation.sites.models import Study
from moonbridge.cooperation.sites.states import State
from moonbridge.engines.moon.horizon import skyline
from moonbridge.engines.moon.light import hours, illumination
from moonbridge.engines.moon.terrain import Stack
from moonbridge.errors import Refused
from moonbridge.formats import ephemeris, skylines
from moonbridge.formats.terrain.store import Store

pytestmark = pytest.mark.django_db

ASKED = {"place": "88.8S, 123.4E", "name": "Here", "year": "2027", "mast_m": "2"}


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def ask(person, **changed):
    content = {name: value for name, value in (ASKED | changed).items() if value is not None}
    return signed_in(person).post(reverse("site-studies"), {"command": str(uuid.uuid4())} | content)


def asked(person, **changed) -> Study:
    answer = ask(person, **changed)
    assert answer.status_code == 302, answer.context["form"].errors
    return Study.objects.get(pk=answer.url.rstrip("/").rpartition("/")[2])


def done(person, **changed) -> Study:
    held = asked(person, **changed)
    tasks.study(str(held.pk))
    held.refresh_from_db()
    return held


@pytest.fixture
def terrain(settings, tmp_path) -> Stack:
    """Installed: a plain of 80 km around the point with a summit 300 m west of it, 240 m pixels, two of them unknown."""
    settings.STATE = tmp_path
    rows = 400
    x, y = np.meshgrid(np.arange(rows) * 240.0, np.arange(rows) * 240.0)
    summit = 1500 * np.exp(-((x - 24_000) ** 2 + (y - 24_000) ** 2) / 3000**2)
    summit[0, :2] = -9999
    file = tmp_path / "hill.tif"
    left, top = 30_400.0 - 48_000, -20_100.0 + 48_000
    with rasterio.open(
        file, "w", driver="GTiff", height=rows, width=rows, count=1, dtype="float32", crs="IAU_2015:30135",
        transform=from_origin(left, top, 240, 240), nodata=-9999,
    ) as out:  # fmt: skip
        out.write(summit.astype(np.float32), 1)
    store = Store(tmp_path / "terrain")
    store.add(file)
    return Stack.of(store.open("hill"))


def test_a_study_finds_what_the_engine_finds_over_the_installed_terrain(terrain) -> None:
    person = builders.person()
    held = done(person)
    assert (held.state, held.done) == (State.DONE, 100)
    truth = skyline(terrain, -88.8, 123.4, 2.0)
    found = skylines.from_dict(held.answer["skyline"])
    assert np.abs(found.elevation_deg - truth.elevation_deg).max() <= 0.0006
    assert found.provenance.terrain == truth.provenance.terrain
    page = signed_in(person).get(reverse("site-study", args=[held.pk])).content.decode()
    light = illumination(truth, ephemeris.default(), hours("2027-01-01", "2028-01-01")).mean()
    assert f"{100 * light:.1f} <span" in page
    assert terrain.finest.sha256 in page
    assert "2 pixels of hill (240 m) are known in no terrain here." in page


def test_without_terrain_the_page_says_that_the_sphere_is_bare(settings, tmp_path) -> None:
    settings.STATE = tmp_path
    person = builders.person()
    held = done(person, place="12.5N 30E", snap_m="100")
    page = signed_in(person).get(reverse("site-study", args=[held.pk])).content.decode()
    assert held.answer["skyline"]["provenance"]["terrain"] == []
    assert "No terrain: the horizon is that of the bare sphere." in page
    assert "No installed terrain knows this place" in page


def test_opposite_the_centre_of_a_polar_grid_there_is_no_terrain(terrain) -> None:
    held = done(builders.person(), place="90N 0E")
    assert (held.state, held.answer["skyline"]["provenance"]["terrain"]) == (State.DONE, [])


def test_a_study_that_breaks_is_over_and_lets_its_maker_ask_again(terrain, settings) -> None:
    person = builders.person()
    held = asked(person)
    (settings.STATE / "terrain" / "hill" / "terrain.json").write_text("no JSON", encoding="utf-8")
    with pytest.raises(json.JSONDecodeError):
        tasks.study(str(held.pk))
    held.refresh_from_db()
    assert held.state == State.FAILED
    page = signed_in(person).get(reverse("site-study", args=[held.pk])).content.decode()
    assert "The computation broke." in page


def test_a_place_moves_onto_its_crest_and_the_page_says_how_far(terrain) -> None:
    person = builders.person()
    held = done(person, snap_m="5000")
    moved, place = held.answer["moved"], skylines.from_dict(held.answer["skyline"])
    crest = terrain.height_m(place.latitude_deg, place.longitude_deg)
    assert moved["gained_m"] == pytest.approx(crest - terrain.height_m(-88.8, 123.4), abs=0.1)
    page = signed_in(person).get(reverse("site-study", args=[held.pk])).content.decode()
    assert f"Moved {moved['metres']:.0f} m towards azimuth {moved['azimuth_deg']:.0f}°" in page


def test_an_uncertain_place_has_windows_with_a_spread(terrain) -> None:
    person = builders.person()
    held = done(person, uncertainty_m="800", across_m="200", axis_deg="90")
    spread = held.answer["spread"]
    assert spread["places"] == 17
    for row in spread["windows"]:
        assert row["rise_earliest"] <= row["rise_median"] <= row["rise_latest"]
        assert row["set_earliest"] <= row["set_median"] <= row["set_latest"]
    assert any(row["rise_earliest"] < row["rise_latest"] for row in spread["windows"])
    page = signed_in(person).get(reverse("site-study", args=[held.pk])).content.decode()
    assert "at 17 places within the uncertainty" in page
    assert "800 m × 200 m (the longer half-axis towards azimuth 90°)" in page


def test_the_files_tell_what_the_page_tells(settings, tmp_path) -> None:
    settings.STATE = tmp_path
    person = builders.person()
    held, client = done(person), signed_in(person)
    files = {
        name: client.get(reverse("site-study-file", args=[held.pk, name]))
        for name in ("days.csv", "windows.csv", "windows.ics", "everything.json")
    }
    told = json.loads(files["everything.json"].content)
    rows = list(csv.DictReader(files["windows.csv"].content.decode("utf-8-sig").splitlines()))
    assert [row["start"] for row in rows] == [row["start"] for row in told["contacts"]]
    assert files["windows.ics"].content.count(b"BEGIN:VEVENT") == len(rows)
    assert len(files["days.csv"].content.splitlines()) == 366
    assert client.get(reverse("site-study-file", args=[held.pk, "else.csv"])).status_code == 404


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"place": "somewhere"}, "is no pair of coordinates"),
        ({"place": "95S 3E"}, "beyond a pole"),
        ({"place": "\0"}, "Null characters are not allowed"),
        ({"year": "1066"}, "greater than or equal to 2000"),
        ({"year": None}, "This field is required"),
        ({"mast_m": "-1"}, "greater than or equal to 0"),
        ({"mast_m": "NaN"}, "Enter a number"),
        ({"uncertainty_m": "10", "across_m": "20"}, "at most as long as the longer one"),
        ({"across_m": "20"}, "at most as long as the longer one"),
        ({"snap_m": "999999"}, "less than or equal to 5000"),
        ({"command": "no-uuid"}, "carries no command id"),
    ],
)
def test_nonsense_is_refused_with_its_reason_and_asks_nothing(changed, said) -> None:
    answer = ask(builders.person(), **changed)
    assert answer.status_code == 400
    assert said in answer.content.decode().replace("&#x27;", "'")
    assert not Study.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name=notices.TASK).exists()


def test_the_same_command_is_one_study_and_one_job() -> None:
    person, command = builders.person(), str(uuid.uuid4())
    first, second = (ask(person, command=command) for _ in range(2))
    assert first.url == second.url
    assert ProcrastinateJob.objects.filter(task_name=notices.TASK).count() == Study.objects.count() == 1


def test_three_at_once_are_enough_and_so_are_thirty_in_an_hour(settings, monkeypatch) -> None:
    person = builders.person()
    for _ in range(3):
        asked(person)
    assert "Three of your studies are at work" in ask(person).content.decode()
    asked(builders.person())
    Study.objects.update(state=State.CANCELLED)
    monkeypatch.setattr(actions, "PER_HOUR", 3)
    settings.THROTTLE_FACTOR = 1
    assert "many studies within this hour" in ask(person).content.decode()


def test_a_study_is_cancelled_once_and_then_finds_nothing(settings, tmp_path) -> None:
    settings.STATE = tmp_path
    person = builders.person()
    held, client = asked(person), signed_in(person)
    assert "hx-get" in client.get(reverse("site-study", args=[held.pk])).content.decode()
    for _ in range(2):
        assert client.post(reverse("site-study-cancel", args=[held.pk])).status_code == 302
    tasks.study(str(held.pk))
    held.refresh_from_db()
    assert (held.state, held.answer) == (State.CANCELLED, None)
    assert "was cancelled" in client.get(reverse("site-study", args=[held.pk])).content.decode()


def test_a_study_that_is_deleted_while_it_runs_leaves_nothing(settings, tmp_path, monkeypatch) -> None:
    settings.STATE = tmp_path
    person = builders.person()
    held, client = asked(person), signed_in(person)
    true_tell = actions._telling(held)

    def deleting(_: Study):
        client.post(reverse("site-study-delete", args=[held.pk]))
        return true_tell

    monkeypatch.setattr(actions, "_telling", deleting)
    tasks.study(str(held.pk))
    assert not Study.objects.exists()
    assert client.get(reverse("site-study", args=[held.pk])).status_code == 404


def test_a_refusal_of_the_engine_is_told(settings, tmp_path, monkeypatch) -> None:
    settings.STATE = tmp_path

    def refusing(*_: object):
        raise Refused("the terrain is torn")

    monkeypatch.setattr(actions.answers, "answer", refusing)
    person = builders.person()
    held = done(person)
    assert held.state == State.FAILED
    assert "the terrain is torn" in signed_in(person).get(reverse("site-study", args=[held.pk])).content.decode()


def test_nobody_else_meets_a_study_or_touches_it(settings, tmp_path) -> None:
    settings.STATE = tmp_path
    held = done(builders.person(), name="hidden-name")
    for client in (signed_in(builders.person()), Client()):
        assert "hidden-name" not in client.get(reverse("site-studies")).content.decode()
        for name in ("site-study", "site-study-progress"):
            assert client.get(reverse(name, args=[held.pk])).status_code in {302, 404}
        for name in ("site-study-cancel", "site-study-delete"):
            assert client.post(reverse(name, args=[held.pk])).status_code in {302, 404}
        assert client.get(reverse("site-study-file", args=[held.pk, "days.csv"])).status_code in {302, 404}
    assert Study.objects.get().state == State.DONE


def test_the_database_keeps_states_and_questions(settings) -> None:
    held = builders.site_study(builders.person())
    Study.objects.filter(pk=held.pk).update(state=State.CANCELLED)
    for wrong in ({"state": State.DONE, "answer": {}}, {"latitude_deg": "10"}, {"done": 101}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Study.objects.filter(pk=held.pk).update(**wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        builders.site_study(held.by, state=State.DONE)


def test_the_list_is_empty_at_first_and_costs_the_same_with_more_rows() -> None:
    person = builders.person()
    client = signed_in(person)
    assert "No study yet" in client.get(reverse("site-studies")).content.decode()
    counts = []
    for more in (1, 2):
        for _ in range(more):
            builders.site_study(person, name="Somewhere")
        with CaptureQueriesContext(connection) as ran:
            assert (
                client.get(reverse("site-studies")).content.decode().count("Delete Somewhere") == Study.objects.count()
            )
        counts.append(len(ran))
    assert counts[0] == counts[1]
