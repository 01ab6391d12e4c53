"""Hand over: what the panels' reviews become for selection, compared with the engine, the spreadsheet path and hand computations."""

import uuid
from fractions import Fraction

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

import builders
from cooperation.review.panels import Meeting
from cooperation.selection import calls
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.models import TeamMember, TeamRole
from moonbridge.cooperation.review import queries
from moonbridge.cooperation.review.actions import hand_over, upload_scores
from moonbridge.cooperation.review.calibrating import Marked, blocks_of, calibrated, reviews_of
from moonbridge.cooperation.review.handovers import handover
from moonbridge.cooperation.review.merits import Weighed, millionths, shown
from moonbridge.cooperation.review.models import Calibration, Item, PanelKind, Review, ScoreTable, SetAside, Verdict
from moonbridge.cooperation.review.states import ReviewState, RoundState
from moonbridge.cooperation.selection import actions as selecting
from moonbridge.cooperation.selection.candidates import candidates, digest_of
from moonbridge.engines.reviewing.calibration import calibrate
from moonbridge.errors import InputError, NotAllowed, Refused, Stale, WrongState
from moonbridge.formats import tables
from moonbridge.record.models import PUBLIC, Entry
from moonbridge.record.queries import database_now

SCORES = {"A": (9, 7, 8), "B": (6, 4, 5), "C": (8, 6, None), "D": (5, None, 4)}
"""Three reviewers, the second severe; marks from 0 to 10."""


def marks(*rows: tuple[str, str, str, str, int]) -> list[Marked]:
    return [Marked(*row[:4], row[4] * 1000) for row in rows]


def panel_marks(criterion: str = "Merit", panel: str = "science") -> list[Marked]:
    return [
        Marked(code, f"R{number}", criterion, panel, value * 1000)
        for code, given in SCORES.items()
        for number, value in enumerate(given)
        if value is not None
    ]


MERIT = Weighed("Merit", 1, 0, 10)


def test_with_one_panel_it_is_the_engines_own_answer() -> None:
    found = calibrated([MERIT], panel_marks())
    told = calibrate([(m.proposal, m.reviewer, m.thousandths / 100) for m in panel_marks()])
    assert found.codes == told.proposals
    assert list(found.merits.values()) == [round(points * 10_000) for points in told.merit.tolist()]
    assert np.array_equal(found.covariance, told.covariance)


def test_the_score_of_a_review_is_the_merit_that_it_alone_gives() -> None:
    heavy = Weighed("Heavy", 3, 1, 5)
    given = panel_marks() + [Marked(m.proposal, m.reviewer, "Heavy", "science", 2000) for m in panel_marks()]
    # (1 x 9/10 + 3 x (2 - 1)/4) / 4
    expected = Fraction(1, 4) * (Fraction(9, 10) + Fraction(3, 4)) * 100
    assert reviews_of([MERIT, heavy], given)[0] == ("A", "R0", float(expected))


def test_panels_with_criteria_of_their_own_are_calibrated_apart_and_added_by_weight() -> None:
    feasible = Weighed("Feasible", 3, 0, 10)
    technical = [
        Marked(code, f"T{number}", "Feasible", "technical", value * 1000)
        for code, row in {"A": (2, 3), "B": (9, 8), "C": (5, 5), "D": (7, 6)}.items()
        for number, value in enumerate(row)
    ]
    both = calibrated([MERIT, feasible], panel_marks() + technical)
    alone = [calibrated([c], m) for c, m in ((MERIT, panel_marks()), (feasible, technical))]
    assert [block["criteria"] for block in both.facts["blocks"]] == [["Merit"], ["Feasible"]]
    for code, merit in both.merits.items():
        parts = [one.merits[code] for one in alone]
        assert abs(merit - (parts[0] + 3 * parts[1]) / 4) <= 1
    assert np.allclose(both.covariance, (alone[0].covariance + 9 * alone[1].covariance) / 16, rtol=1e-12)


def test_two_panels_with_the_same_criteria_are_one_block() -> None:
    given = marks(("A", "R", "Merit", "one", 3), ("B", "S", "Merit", "two", 3), ("B", "S", "Only", "two", 3))
    assert blocks_of([MERIT, Weighed("Only", 1, 0, 9), Weighed("None", 1, 0, 9)], given) == [
        (MERIT,), (Weighed("Only", 1, 0, 9),),
    ]  # fmt: skip


def test_who_lacks_a_block_is_left_out_and_too_few_reviews_are_refused() -> None:
    feasible = Weighed("Feasible", 1, 0, 10)
    some = [Marked(code, "T", "Feasible", "technical", 5000) for code in "ABC"]
    assert calibrated([MERIT, feasible], panel_marks() + some).codes == ("A", "B", "C")
    with pytest.raises(InputError):
        calibrated([MERIT, feasible], panel_marks() + some[:2])
    with pytest.raises(InputError):
        calibrated([MERIT], [])


@pytest.mark.parametrize("millionth", [0, 1, 123_456, 999_999, 1_000_000])
def test_what_is_shown_is_read_again(millionth: int) -> None:
    assert millionths(shown(millionth)) == millionth


# --- the stage ---


def judged(state: RoundState = RoundState.CONCLUDED, **more: object) -> Meeting:
    """Four proposals, three reviewers, SCORES; concluded."""
    made = Meeting(4, state=RoundState.REVIEWING, **more)
    made.panel.demand = 2
    made.panel.save()
    seats = [made.member() for _ in range(3)]
    for item, given in zip(made.items, SCORES.values(), strict=True):
        for seat, value in zip(seats, given, strict=True):
            if value is not None:
                made.written(item, seat, value)
    lead_to(made, state)
    return made


def lead_to(made: Meeting, state: RoundState) -> None:
    if state == RoundState.CONCLUDED:
        made.round.concluded_at = database_now()
    made.round.state = state
    made.round.save()


def handed(made: Meeting, *, calibrated: bool = True, **more: object) -> ScoreTable:
    given = {"by": made.office, "command": uuid.uuid4()} | more
    return hand_over(made.round, calibrated=calibrated, **given)


@pytest.mark.django_db
class TestStage:
    def test_the_merits_that_count_are_what_was_chosen_and_raw_means_stay_beside(self) -> None:
        made = judged()
        handed(made, calibrated=False)
        raw = queries.standings(made.call)
        assert [raw[p.pk].merit for p in made.proposals] == [800_000, 500_000, 700_000, 450_000]
        assert {where.doubt for where in raw.values()} == {None}
        table = handed(made)
        found = queries.standings(made.call)
        assert [found[p.pk].raw for p in made.proposals] == [800_000, 500_000, 700_000, 450_000]
        told = Calibration.objects.get(table=table)
        assert told.means == {p.code: found[p.pk].raw_text for p in made.proposals}
        for proposal in made.proposals:
            where = found[proposal.pk]
            assert where.merit_text == told.merits[proposal.code]
            place = told.codes.index(proposal.code)
            assert float(where.doubt_text) == pytest.approx(float(told.covariance[place][place]) ** 0.5, abs=1e-4)
        assert list(ScoreTable.objects.order_by("number").values_list("number", "calibration__counts")) == [
            (1, False), (2, True),
        ]  # fmt: skip

    def test_raw_means_give_the_same_problem_as_a_spreadsheet_with_the_same_scores(self) -> None:
        made = judged()
        handed(made, calibrated=False)
        by_panel = digest_of(candidates(made.call))
        rows = [
            (s.proposal.code, s.reviewer, s.criterion.name, str(s.value_permille // 1000))
            for s in queries.current_table(made.call).scores.select_related("proposal", "criterion")
        ]
        data = tables.csv_bytes(("proposal", "reviewer", "criterion", "score"), rows)
        upload_scores(made.call, data, "scores.csv", by=made.office, command=uuid.uuid4())
        assert digest_of(candidates(made.call)) == by_panel

    def test_calibrated_merits_reach_selection_with_their_doubts(self) -> None:
        made = judged()
        handed(made)
        found = queries.standings(made.call)
        for proposal, asked in zip(made.proposals, candidates(made.call).proposals, strict=True):
            where = found[proposal.pk]
            [option] = asked.options
            assert (option.merit, option.doubt) == (Fraction(where.merit, 10_000), Fraction(where.doubt, 10_000))

    def test_a_review_that_does_not_count_is_not_handed_over(self) -> None:
        made = judged()
        begun, recused, mate = made.member(), made.member(), made.member()
        Review.objects.create(item=made.items[0], seat=begun)
        made.written(made.items[0], recused, 0)
        Review.objects.filter(seat=recused).update(state=ReviewState.RECUSED)
        made.written(made.items[0], mate, 0)
        TeamMember.objects.create(proposal=made.proposals[0], user=mate.user, role=TeamRole.READER)
        handed(made, calibrated=False)
        assert queries.standings(made.call)[made.proposals[0].pk].merit == 800_000

    def test_before_the_end_what_is_missing_is_confirmed(self) -> None:
        made = judged(RoundState.REVIEWING)
        Review.objects.create(item=made.items[1], seat=made.member())
        found = handover(made.round)
        assert [(m.code, m.due, m.short) for m in found.missing] == [(made.proposals[1].code, 1, 0)]
        with pytest.raises(Refused) as caught:
            handed(made)
        assert caught.value.numbers["missing"] == [made.proposals[1].code]
        assert handed(made, incomplete=True).rows == 10

    def test_a_criterion_without_marks_and_too_few_reviews_are_missing(self) -> None:
        made = judged(RoundState.REVIEWING)
        made.panel.demand = 3
        made.panel.save()
        other = builders.submitted_proposal(made.call)
        found = handover(made.round)
        codes = [p.code for p in made.proposals]
        assert [(m.code, m.short, m.criterion) for m in found.missing] == [
            (codes[2], 1, None), (codes[3], 1, None), (other.code, 0, made.call.criteria.get()),
        ]  # fmt: skip

    def test_what_was_previewed_is_what_is_handed_over(self) -> None:
        made = judged(RoundState.REVIEWING)
        seen = handover(made.round).digest
        made.written(made.items[3], made.member(), 9)
        with pytest.raises(Stale):
            handed(made, seen=seen)
        assert not ScoreTable.objects.exists()
        handed(made, seen=handover(made.round).digest)

    def test_it_is_done_once_and_recorded_without_a_score(self) -> None:
        made, command = judged(), uuid.uuid4()
        made_tables = {handed(made, command=command).pk for _ in range(2)}
        assert len(made_tables) == ScoreTable.objects.count() == 1
        entry = Entry.objects.get(verb="hand over scores")
        table = ScoreTable.objects.get()
        assert entry.chain != PUBLIC
        assert entry.body["facts"] == {
            "table": 1, "sha256": table.sha256, "scores": "10", "proposals": "4", "reviewers": "3",
            "counts": "calibrated merits", "missing": "0",
        }  # fmt: skip

    def test_only_an_office_without_conflict_and_only_before_the_decision(self) -> None:
        made = judged()
        for user in (made.chair.user, made.secretary.user, builders.office_of(builders.agency())):
            with pytest.raises(NotAllowed):
                handed(made, by=user)
        second = builders.office_of(made.call.agency)
        made.conflict(second, made.items[0])
        with pytest.raises(NotAllowed):
            handed(made, by=second)
        Opportunity.objects.filter(pk=made.call.pk).update(state=State.DECIDED)
        with pytest.raises(WrongState):
            handed(made)

    def test_too_few_reviews_count_by_raw_means_only(self) -> None:
        made = Meeting(1, state=RoundState.REVIEWING)
        made.written(made.items[0], made.member(), 6)
        with pytest.raises(Refused):
            handed(made, incomplete=True)
        handed(made, calibrated=False, incomplete=True)
        assert queries.standings(made.call)[made.proposals[0].pk].merit == 600_000
        assert Calibration.objects.get().merits == {}

    def test_seats_of_two_panels_with_one_label_stay_two_reviewers(self) -> None:
        made = Meeting(1, state=RoundState.REVIEWING)
        other = made.another_panel("Second")
        item = Item.objects.create(panel=other, proposal=made.proposals[0])
        for panel, where, value in ((made.panel, made.items[0], 4), (other, item, 8)):
            seat = made.seat(panel=panel)
            type(seat).objects.filter(pk=seat.pk).update(label="Reviewer 1")
            made.declare(seat)
            made.written(where, seat, value)
        table = handed(made, calibrated=False, incomplete=True)
        assert sorted(table.scores.values_list("reviewer", "value_permille")) == [
            ("Reviewer 1/1", 8000) if made.panel.name > other.name else ("Reviewer 1/1", 4000),
            ("Reviewer 1/2", 4000) if made.panel.name > other.name else ("Reviewer 1/2", 8000),
        ]  # fmt: skip

    def test_who_is_found_infeasible_is_proposed_and_stays_in(self) -> None:
        made = judged()
        technical = made.another_panel("Technical", kind=PanelKind.TECHNICAL)
        technical.criteria.clear()
        item = Item.objects.create(panel=technical, proposal=made.proposals[0])
        for verdict, words in ((Verdict.INFEASIBLE, "Too hot."), (Verdict.FEASIBLE, "")):
            engineer = made.seat(panel=technical)
            made.declare(engineer)
            made.written(item, engineer, verdict=verdict, to_team=words)
        [found] = handover(made.round).objections
        assert (found.code, found.infeasible, found.verdicts, found.reasons) == (
            made.proposals[0].code, 1, 2, ("Too hot.",),
        )  # fmt: skip
        handed(made)
        assert made.proposals[0].code in {p.id for p in candidates(made.call).proposals}

    def test_the_preview_says_who_rises_and_what_stands_out(self) -> None:
        made = Meeting(12, state=RoundState.REVIEWING)
        fair, severe, odd = (made.member() for _ in range(3))
        for place, item in enumerate(made.items):
            value = 2 + place // 2
            made.written(item, fair, value)
            made.written(item, severe if place % 2 else odd, max(0, value - 2) if place % 2 else value)
        extra = made.member()
        made.written(made.items[11], extra, 0)
        found = handover(made.round)
        assert [row.rank for row in found.rows] == sorted(row.rank for row in found.rows)
        assert {row.change for row in found.rows} != {0}
        assert [one["proposal"] for one in found.outlying] == [
            row.code for row in found.rows for _ in range(row.outlying)
        ]

    def test_what_is_set_aside_is_left_out_with_its_reason_until_it_is_lifted(self) -> None:
        made = judged()
        before = handover(made.round)
        kept = SetAside.objects.create(
            panel=made.panel, proposal=made.proposals[0], because="no review came", by=made.office
        )
        found = handover(made.round)
        assert [(one.proposal.code, one.because) for one in found.set_aside] == [
            (made.proposals[0].code, "no review came")
        ]
        assert {row.code for row in found.rows} == {p.code for p in made.proposals[1:]}
        assert not found.missing
        with pytest.raises(Stale):
            handed(made, seen=before.digest)
        table = handed(made)
        assert not table.scores.filter(proposal=made.proposals[0]).exists()
        assert [p.id for p in candidates(made.call).proposals] == [p.code for p in made.proposals[1:]]
        SetAside.objects.filter(pk=kept.pk).update(lifted_at=database_now(), lifted_by=made.office)
        with pytest.raises(Refused, match="no scores"):
            candidates(made.call)
        handed(made)
        assert len(candidates(made.call).proposals) == 4

    def test_the_preview_and_the_selection_tell_the_office_why(self) -> None:
        made = judged()
        type(made.panel).objects.update(distributed=True)
        SetAside.objects.create(panel=made.panel, proposal=made.proposals[0], because="no review came", by=made.office)
        handed(made)
        client = Client()
        client.force_login(made.office)
        for name in ("review-hand-over", "selection"):
            assert b"no review came" in client.get(reverse(name, args=[made.call.slug])).content

    def test_the_decision_declines_what_is_set_aside_with_the_reason(self) -> None:
        made = judged()
        SetAside.objects.create(panel=made.panel, proposal=made.proposals[0], because="no review came.", by=made.office)
        handed(made)
        given = {"by": made.office, "recommendation": calls.recommended(made.call, made.office)}
        decision = selecting.draft_decision(made.call, command=uuid.uuid4(), reserve=4, **given)
        outcome = decision.outcomes.get(proposal=made.proposals[0])
        assert (outcome.kind, outcome.merit, outcome.reserve_rank) == ("declined", None, None)
        selecting.publish_decision(made.call, by=made.office, command=uuid.uuid4())
        client = Client()
        client.force_login(made.proposals[0].members.get(role=TeamRole.LEAD).user)
        letter = client.get(reverse("outcome", args=[made.proposals[0].pk])).content.decode()
        assert "left out by decision of the office" in letter
        assert "no review came" in letter
