"""The demonstration tells its story through the actions, says what it is, and is loaded once."""

from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

import builders
from moonbridge.accounts.demo import ROLES
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity, Origin, Question
from moonbridge.cooperation.proposals import content, fit
from moonbridge.cooperation.proposals.models import Demand, Proposal
from moonbridge.cooperation.review.models import Conflict, Mark, Review
from moonbridge.cooperation.selection import actions as selecting
from moonbridge.cooperation.selection import queries as selection
from moonbridge.cooperation.selection.models import Decision, Loss, Outcome
from moonbridge.cooperation.selection.states import OutcomeKind
from moonbridge.cooperation.selection.wording import Wording
from moonbridge.engines.ledger import seal
from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Problem
from moonbridge.quantities import MASS
from moonbridge.record.actions import signer
from moonbridge.record.models import Entry
from moonbridge.record.queries import sealed
from moonbridge.site.demonstration import loading

DECIDED = "Synthetic example: payloads for a south-pole lander"
CLOSED = "Synthetic example: fifteen kilograms on a polar orbiter"
REVIEWED = "Synthetic example: twenty kilograms on a Mars orbiter"
OPEN = "Synthetic example: places left on a south-pole lander"
SEATED = ("panel chair", "panel secretary", "technical reviewer", "external referee", "observer")


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """Load once for all tests here, and leave nothing behind."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_catalogue", verbosity=0, stdout=StringIO())
        said = StringIO()
        call_command("load_demonstration", stdout=said)
        yield said.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def demonstration(loaded, db):
    return loaded


def outcomes(title: str) -> dict[str, Outcome]:
    found = Outcome.objects.filter(decision__opportunity__title=title).select_related("proposal")
    return {outcome.proposal.acronym or outcome.proposal.title: outcome for outcome in found}


def counted() -> dict[str, Any]:
    kinds = (Opportunity, Proposal, Outcome, Question, User, Demand, Entry, Review, Mark, Conflict)
    return {kind.__name__: kind.objects.count() for kind in kinds}


def test_it_says_each_step_and_a_second_load_changes_nothing(demonstration: str) -> None:
    before, said = counted(), StringIO()
    call_command("load_demonstration", stdout=said)
    assert demonstration.splitlines()[-1] == "Demonstration: 7 opportunities loaded."
    assert said.getvalue() == "Demonstration: there already.\n"
    assert counted() == before


def test_its_people_hold_their_roles_and_come_in_by_link_only(demonstration: str) -> None:
    people = {who: User.objects.get(email=email) for who, email in ROLES.items()}
    held = {who: [(role.kind, role.scope) for role in person.roles.all()] for who, person in people.items()}
    assert held == {
        "programme office": [("office", "agency")],
        "team": [],
        "reviewer": [("reviewer", "opportunity"), ("reviewer", "agency")],
        "curator": [("curator", "agency")],
    } | {role: [] for role in SEATED}
    assert [person.has_usable_password() for person in people.values()] == [False] * len(ROLES)


def test_every_piece_says_whether_it_is_invented(demonstration: str) -> None:
    origins = dict(Opportunity.objects.values_list("title", "origin"))
    assert {origin for title, origin in origins.items() if title.startswith("Synthetic")} == {Origin.SYNTHETIC}
    assert {origin for title, origin in origins.items() if not title.startswith("Synthetic")} == {Origin.REPLAY}
    assert dict(Proposal.objects.values_list("opportunity__origin", "synthetic").distinct()) == {
        Origin.SYNTHETIC: True,
        Origin.REPLAY: False,
    }


def test_a_piece_that_breaks_off_leaves_nothing_behind(demonstration: str) -> None:
    before = counted()

    def half() -> None:
        builders.opportunity(title="Half a call")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loading._piece("Half a call", Origin.SYNTHETIC, half, lambda title: None)
    assert counted() == before


def test_the_decided_call_has_every_kind_of_outcome(demonstration: str) -> None:
    found = outcomes(DECIDED)
    kinds = {name: outcome.kind for name, outcome in found.items()}
    assert len(kinds) == 41
    assert set(kinds.values()) == set(OutcomeKind)
    assert {name for name, kind in kinds.items() if kind in {OutcomeKind.SELECTED, OutcomeKind.CONDITIONAL}} == {
        "PORTER", "SEISMA", "LIBRIS", "FROSTLINE", "RADMOSS", "ELFIE", "HYDRA-S", "CORNER", "GROUNDWAVE", "GRAINS", "CARAVEL",
    }  # fmt: skip
    assert (kinds["DUSTFALL"], kinds["WINDCATCH"], kinds["CARAVEL"]) == ("merged", "withdrawn", "conditional")


def test_the_teams_refusal_is_about_kilograms_and_not_about_merit(demonstration: str) -> None:
    declined = outcomes(DECIDED)["UVSKY"]
    selected = [outcome.merit for outcome in outcomes(DECIDED).values() if outcome.kind == OutcomeKind.SELECTED]
    assert (declined.kind, declined.explanation["reason"]) == (OutcomeKind.DECLINED, "outweighed")
    assert [shortage["asked"]["text"] for shortage in declined.explanation["shortages"]] == ["38 kg"]
    assert declined.merit > min(selected)
    assert declined.proposal.members.get().user.email == ROLES["team"]


def test_a_place_was_lost_and_the_reserve_offered_anew(demonstration: str) -> None:
    loss = Loss.objects.get()
    assert loss.outcome.proposal.acronym == "TETHER"
    assert {"element": "lander", "resource": "mass", "amount": "26 kg"} in loss.released
    first, second = loss.outcome.decision.opportunity.recommendations.all()
    codes = dict(Proposal.objects.filter(opportunity__title=DECIDED).values_list("code", "acronym"))
    assert {codes[code] for code in second.result["choices"].keys() - first.result["choices"].keys()} == {"EARTHGLOW"}


@pytest.fixture
def undecided(demonstration: str) -> Opportunity:
    return Opportunity.objects.get(title=CLOSED)


def acronyms(opportunity: Opportunity, choices: dict[str, str]) -> dict[str, str]:
    """Return the choices with the proposals' acronyms instead of the codes that they drew."""
    known = dict(opportunity.proposals.values_list("code", "acronym"))
    return {known[code]: option for code, option in choices.items()}


def filled_by_rank(problem: Problem) -> dict[str, str]:
    """Return what a panel gets that goes down its ranking and takes the best version of each proposal that still fits."""
    taken: dict[str, str] = {}
    minima = {rule for rule in problem.rules if getattr(rule, "at_least", None)}
    for proposal in sorted(problem.proposals, key=lambda each: -max(option.merit for option in each.options)):
        for option in sorted(proposal.options, key=lambda each: -each.merit):
            if set(check_choices(problem, {**taken, proposal.id: option.id}).broken) <= minima:
                taken[proposal.id] = option.id
                break
    return taken


BEST = {
    "NEUTRAMAP": "Full", "SWIRLMAG": "Full", "WAKEION": "Full", "IMPACTEYE": "Full", "ORBITCLOCK": "Full", "MIRRORLET": "Full",
}  # fmt: skip
"""What the engine proves best of the closed call."""


def test_of_the_closed_call_the_best_portfolio_is_not_the_one_that_fills_by_rank(undecided: Opportunity) -> None:
    problem = selection.candidates(undecided)
    best, by_rank = optimum(problem), filled_by_rank(problem)
    assert (best.proven, check_choices(problem, best.choices).broken) == (True, ())
    assert acronyms(undecided, best.choices) == BEST
    assert acronyms(undecided, by_rank) == {
        "LIMBGLOW": "Full", "THERMOGRAM": "One channel", "NEUTRAMAP": "Two counters", "MIRRORLET": "Full", "DOSECHIP": "Full",
    }  # fmt: skip
    worth = [str(check_choices(problem, choices).values[0]) for choices in (best.choices, by_rank)]
    assert worth == ["913/2", "6851/20"]


def test_the_closed_call_waits_for_its_office_which_recommends_forces_and_publishes(undecided: Opportunity) -> None:
    office = User.objects.get(email=ROLES["programme office"])
    assert (undecided.state, undecided.recommendations.count(), undecided.proposals.count()) == ("closed", 0, 12)

    first = selecting.recommend(undecided, by=office, command=uuid4(), seconds=60).recommendation
    explanations = first.result["explanations"]
    reasons = acronyms(undecided, {code: explained["reason"] for code, explained in explanations.items()})
    sentences = [Wording(undecided).explanation(explained) for explained in explanations.values()]
    assert acronyms(undecided, first.result["choices"]) == BEST
    assert reasons == {name: "selected" if name in BEST else "outweighed" for name in reasons}
    assert (len(sentences), [sentence for sentence in sentences if len(sentence) < len("A reason.")]) == (12, [])

    limbglow = undecided.proposals.get(acronym="LIMBGLOW")
    selecting.force(limbglow, inside=True, reason="Its limb is seen best this year.", by=office, command=uuid4())
    second = selecting.recommend(undecided, by=office, command=uuid4(), seconds=60).recommendation
    chosen = acronyms(undecided, second.result["choices"])
    assert chosen == {
        "LIMBGLOW": "Full", "SWIRLMAG": "Full", "WAKEION": "Full", "IMPACTEYE": "Slow camera", "MIRRORLET": "Full", "DOSECHIP": "Full",
    }  # fmt: skip

    selecting.draft_decision(undecided, recommendation=second, reserve=2, by=office, command=uuid4())
    selecting.publish_decision(undecided, by=office, command=uuid4())
    undecided.refresh_from_db()
    selected = {name for name, outcome in outcomes(CLOSED).items() if outcome.kind == OutcomeKind.SELECTED}
    assert (undecided.state, selected) == ("decided", set(chosen))


def test_the_thermal_camera_of_the_closed_call_exceeds_the_cap_in_full_only(undecided: Opportunity) -> None:
    camera = content.read(undecided.proposals.get(acronym="THERMOGRAM"))
    assert {option.name: fit.of(option, undecided).problems for option in camera.options} == {
        "Full": ("mass is 1.2 kg above the limit of 6 kg per item",),
        "One channel": (),
    }


def test_the_teams_draft_fits_in_all_but_one(demonstration: str) -> None:
    draft = Proposal.objects.get(opportunity__title=OPEN, members__user__email=ROLES["team"])
    judged = fit.of(content.read(draft).options[0], draft.opportunity)
    assert judged.problems == ("peak power is 15 W above the limit of 40 W per item",)
    assert judged.unknown == ()


def test_replays_say_what_is_public_and_no_more(demonstration: str) -> None:
    # Of MATCH and of Pakistan's rover two masses are public that contradict each other: neither is reckoned with.
    masses = dict(
        Demand.objects.filter(line__opportunity__origin=Origin.REPLAY).values_list("option__proposal__title", "amount")
    )
    assert {title: MASS.text(amount) for title, amount in masses.items()} == {
        "Detection of Outgassing RadoN": "4.5 kg",
        "INRRI laser retroreflector": "50 g",
        "ICUBE-Q (ICUBE-Qamar) CubeSat": "7 kg",
        "Lunar multi-functional operation robot and mobile charging station": "100 kg",
        "CHERI intelligent exploration robot for challenging environments (two micro-rovers)": "10 kg",
    }
    replayed = Outcome.objects.filter(decision__opportunity__origin=Origin.REPLAY)
    assert set(replayed.values_list("merit", flat=True)) == {None}
    assert [outcome.proposal.title for outcome in replayed.filter(kind=OutcomeKind.LOST)] == ["Rashid-2 rover"]
    days = Decision.objects.filter(opportunity__origin=Origin.REPLAY).values_list("published_at", flat=True)
    assert sorted(str(day.date()) for day in days) == ["2022-11-24", "2024-04-24", "2025-04-24"]


def test_a_replay_whose_criteria_have_no_weights_shows_no_empty_table_of_them(
    demonstration: str, client: Client
) -> None:
    addresses = {call.title: f"/opportunities/{call.slug}/" for call in Opportunity.objects.all()}
    shown = {title: 'id="criteria"' in client.get(address).content.decode() for title, address in addresses.items()}
    assert {title for title, there in shown.items() if there} == {DECIDED, CLOSED, REVIEWED, OPEN}
    assert len(shown) == 7


def test_the_record_of_it_all_verifies(demonstration: str) -> None:
    chains = set(Entry.objects.values_list("chain", flat=True))
    assert chains == {"public", "agency:cnsa", "agency:cnsa/teams"}
    for chain in chains:
        assert seal.verify_chain(sealed(chain), signer().public_key) > 0
