"""The files of the demonstration agree with each other, and name nobody who exists."""

from collections import Counter
from itertools import product

import pytest

from moonbridge.formats.catalogue import Call, Payload, load
from moonbridge.quantities import DATA_PER_DAY, POWER
from moonbridge.site.demonstration import content

DECIDED = list(content.decided_proposals())
CLOSED = content.read("closed/proposals")
REVIEWED = content.read("review/proposals")
OPEN = content.read("open/proposals")
STORY = content.read("decided/story")
KEYS = {told["key"] for told in DECIDED}


def test_there_are_as_many_proposals_as_the_call_it_is_modelled_on_had() -> None:
    assert len(DECIDED) == len(KEYS) == load().get(Call, "change-8-2023").value("proposals") == 41


@pytest.mark.parametrize("told", [*DECIDED, *CLOSED, *REVIEWED, *OPEN], ids=lambda told: told["key"])
def test_every_institution_is_plainly_invented_and_every_share_accounted_for(told) -> None:
    assert [one["institution"] for one in told["team"] if not one["institution"].startswith("Example ")] == []
    assert sum(one["share"] for one in told["team"]) == 100
    assert sum(one.get("leads", False) for one in told["team"]) == 1


@pytest.mark.parametrize("told", [*DECIDED, *CLOSED, *REVIEWED, *OPEN], ids=lambda told: told["key"])
def test_modes_add_up_to_what_is_asked(told) -> None:
    for option in told["options"]:
        modes, demands = option.get("modes", ()), option["demands"]
        for kind, of_mode, resource in ((POWER, "power", "power-average"), (DATA_PER_DAY, "data", "data-per-day")):
            mean = sum(kind.parse(mode[of_mode]) * mode["duty"] for mode in modes)
            assert mean == (1000 * kind.parse(demands[resource]) if modes else 0)


def test_the_story_names_proposals_that_exist() -> None:
    named = [row["proposal"] for part in ("withdrawn", "merged", "overrides") for row in STORY[part]]
    named += [row["into"] for row in STORY["merged"]] + [STORY["lost"]["proposal"]]
    named += [*STORY["leads"], *STORY["decision"]["conditions"], *STORY["decision"]["notes"]]
    named += [row["with"] for told in DECIDED for row in told.get("relations", ())]
    assert set(named) <= KEYS


def test_the_panel_scored_every_proposal_that_it_met_four_to_six_times_in_full() -> None:
    header, *rows = content.scores("decided")
    criteria = [criterion["name"] for criterion in content.read("decided/opportunity")["criteria"]]
    gone = {row["proposal"] for part in ("withdrawn", "merged") for row in STORY[part]}
    assert header == ["proposal", "reviewer", *criteria, "comment"]
    assert {key for key, *_ in rows} == KEYS - gone
    assert set(Counter(key for key, *_ in rows).values()) <= {4, 5, 6}
    assert max(Counter((key, reviewer) for key, reviewer, *_ in rows).values()) == 1
    assert [cell for row, at in product(rows, range(2, 7)) if not 0 <= float(cell := row[at]) <= 10] == []


def test_four_reviewers_scored_every_proposal_of_the_closed_call_in_full() -> None:
    header, *rows = content.scores("closed")
    criteria = [criterion["name"] for criterion in content.read("closed/opportunity")["criteria"]]
    assert header == ["proposal", "reviewer", *criteria, "comment"]
    keys = [told["key"] for told in CLOSED]
    assert sorted(tuple(row[:2]) for row in rows) == sorted(product(keys, ("R1", "R2", "R3", "R4")))
    assert [cell for row, at in product(rows, range(2, 5)) if not 0 <= float(cell := row[at]) <= 10] == []


def test_whoever_may_be_given_a_proposal_under_review_has_marks_for_it_on_the_scale() -> None:
    told, marks = content.read("review/round"), content.marks()
    criteria = [criterion["name"] for criterion in content.read("review/opportunity")["criteria"]]
    judging = [row["who"] for row in told["seats"] if row["panel"] == "science" and row["duty"] in {"chair", "member"}]
    asked = (told["referee"]["asked_for"], told["referee"]["who"])
    assert set(marks) == {*product([row["key"] for row in REVIEWED], judging), asked}
    assert [row for row in marks.values() for name in criteria if not 0 <= float(row[name]) <= 10] == []


def test_the_review_names_proposals_and_people_that_exist() -> None:
    told = content.read("review/round")
    rows = [
        row
        for part in ("declared", "named", "pinned", "detected", "must", "begun", "due", "confidential")
        for row in told[part]
    ]
    keys, known = {row["key"] for row in REVIEWED}, {one["email"].partition("@")[0] for one in content.read("people")}
    assert {row["proposal"] for row in (*rows, told["left_out"], told["discussed"])} <= keys
    assert keys == set(told["comments"]) == set(told["verdicts"])
    assert {row["who"] for row in (*rows, *told["seats"], *told["discussed"]["remarks"], told["referee"])} <= known


def test_no_two_teams_share_a_lead() -> None:
    keys = [told["key"] for told in (*DECIDED, *CLOSED, *REVIEWED, *OPEN)]
    assert Counter(keys).most_common(1)[0][1] == 1


def test_replays_name_what_the_catalogue_knows() -> None:
    catalogue = load()
    for told in content.read("replays"):
        mission = catalogue.get(Call, told["call"]).mission
        flown = {payload.slug for payload in catalogue.of(Payload) if payload.mission == mission}
        assert {row["payload"] for row in told["payloads"]} == flown
