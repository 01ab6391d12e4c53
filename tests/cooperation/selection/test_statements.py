"""What the panel states about proposals: it reaches the problem, is told in words, and names nobody who is not public."""

from fractions import Fraction

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import translation

import builders
from cooperation.selection import calls
from cooperation.selection.test_pages import client_of, lead_of, send
from moonbridge.cooperation.selection import actions, letters
from moonbridge.cooperation.selection.candidates import candidates
from moonbridge.cooperation.selection.conditions import NEEDED_IS_GONE
from moonbridge.cooperation.selection.levers import Levers
from moonbridge.cooperation.selection.models import Statement, StatementMember
from moonbridge.cooperation.selection.openly import open_reasons, open_statements
from moonbridge.engines.selection.problem import Synergy
from moonbridge.engines.selection.rules import Conflict, Fixed, Needs
from moonbridge.errors import InputError, Refused, Stale, WrongState
from moonbridge.record.models import Entry

pytestmark = pytest.mark.django_db
BCD = {"P-B": "Full", "P-C": "Full", "P-D": "Full"}
"""Worth 195, the best without A and C together (205)."""


@pytest.fixture
def case():
    return calls.hand_computed_call()


@pytest.fixture
def state(case):
    """State something of proposals by the last letter of their codes."""
    _, office, made = case

    def stated(verb, *said, reason="They measure the same."):
        of = [[made[f"P-{x}"] for x in one] if isinstance(one, list) else made.get(f"P-{one}", one) for one in said]
        return verb(*of, reason=reason, by=office, command=calls.command())

    return stated


def test_each_kind_reaches_the_problem_and_changes_the_portfolio_as_a_hand_computes(case, state) -> None:
    call, office, _ = case
    kinds = (
        (actions.state_at_most, (["A", "C"], 1), BCD, "195"),
        (actions.state_together, ("A", "C", -200_000), BCD, "195"),
        (actions.state_together, ("B", "A", 400_000), {"P-A": "Full", "P-B": "Full"}, "210"),
        (actions.state_need, ("C", ["B"], 1), BCD, "195"),
    )
    for verb, said, best, value in kinds:
        made = state(verb, *said)
        result = calls.recommended(call, office).result
        assert (result["choices"], result["value"]) == (best, value)
        actions.withdraw_statement(made, by=office, command=calls.command())
    assert calls.recommended(call, office).result["choices"] == calls.BEST
    assert [entry.body["facts"] for entry in Entry.objects.filter(verb="state").order_by("number")][:2] == [
        {"kind": "at-most", "proposal": None, "proposals": ["P-A", "P-C"], "reason": "They measure the same.", "number": "1"},
        {"kind": "together", "proposal": None, "proposals": ["P-A", "P-C"], "reason": "They measure the same.", "worth": "-200000"},
    ]  # fmt: skip
    assert Entry.objects.filter(verb="withdraw statement").count() == len(kinds)


def test_what_was_stated_of_merged_and_withdrawn_proposals(case, state) -> None:
    call, _, made = case
    joined, gone = (builders.submitted_proposal(call, code=code) for code in ("P-M", "P-W"))
    made |= {"P-M": joined, "P-W": gone}
    state(actions.state_at_most, ["A", "B", "M"], 1)
    state(actions.state_at_most, ["C", "M", "W"], 1)
    state(actions.state_together, "A", "M", 10_000)
    state(actions.state_together, "C", "M", -5_000)
    state(actions.state_need, "A", ["C", "M"], 2)
    state(actions.state_need, "B", ["A", "W"], 2)
    state(actions.state_need, "M", ["C", "D"], 2)
    type(joined).objects.filter(pk=joined.pk).update(state="merged", merged_into=made["P-C"])
    type(gone).objects.filter(pk=gone.pk).update(state="withdrawn", withdrawn_at=call.deadline)
    problem = candidates(call)
    assert problem.rules == (
        Conflict(("P-A", "P-B", "P-C"), 1, "They measure the same."),
        Needs("P-A", ("P-C",), 1),
        Fixed("P-B", included=False, reason=NEEDED_IS_GONE),
        Needs("P-C", ("P-D",), 1),
    )
    assert problem.synergies == (Synergy("P-A", "P-C", Fraction(1)),)


def test_what_cannot_be_stated_is_refused_with_a_sentence(case, state) -> None:
    call, office, made = case
    made["P-O"] = builders.submitted_proposal(builders.open_opportunity())
    refused = (
        (actions.state_at_most, (["A"], 1), InputError), (actions.state_at_most, (["A", "A"], 1), InputError),
        (actions.state_at_most, (["A", "B"], 2), InputError), (actions.state_at_most, (["A", "O"], 1), InputError),
        (actions.state_together, ("A", "A", 1), InputError), (actions.state_together, ("A", "B", 0), InputError),
        (actions.state_together, ("A", "B", 1_000_001), InputError), (actions.state_need, ("A", ["A", "B"], 1), InputError),
        (actions.state_need, ("A", ["B"], 2), InputError),
    )  # fmt: skip
    for verb, said, error in refused:
        with pytest.raises(error):
            state(verb, *said)
    for reason in (" ", "P-B is better.", "It does what “Title P-B” does.", "x" * 2001):
        with pytest.raises(InputError):
            state(actions.state_at_most, ["A", "B"], 1, reason=reason)
    state(actions.state_at_most, ["A", "B"], 1)
    with pytest.raises(Refused):
        state(actions.state_at_most, ["B", "A"], 1)
    state(actions.state_at_most, ["A", "B", "C"], 1)
    assert Statement.objects.count() == 2
    calls.drafted(call, office)
    made_late = state(actions.state_need, "C", ["B"], 1)
    with pytest.raises(Stale):
        actions.publish_decision(call, by=office, command=calls.command())
    actions.withdraw_statement(made_late, by=office, command=calls.command())
    actions.publish_decision(call, by=office, command=calls.command())
    with pytest.raises(WrongState):
        actions.withdraw_statement(Statement.objects.all()[0], by=office, command=calls.command())


def test_the_database_keeps_statements_as_they_were_made(case, state) -> None:
    call, office, made = case
    said = state(actions.state_at_most, ["A", "B"], 1)
    foreign = builders.submitted_proposal(builders.open_opportunity())
    same = {"opportunity": call, "reason": "So.", "by": office}
    wrong = (
        lambda: Statement.objects.update(reason="Otherwise."),
        said.delete,
        lambda: said.members.all().delete(),
        lambda: said.members.update(proposal=made["P-C"]),
        lambda: StatementMember.objects.create(statement=said, proposal=foreign),
        lambda: Statement.objects.create(kind="needs", proposal=foreign, number=1, **same),
        lambda: Statement.objects.create(kind="at-most", worth=5, **same),
        lambda: Statement.objects.create(kind="together", worth=0, **same),
        lambda: Statement.objects.create(kind="at-most", number=1, **same | {"reason": ""}),
    )
    for change in wrong:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    calls.published(call, office)
    late = (
        lambda: Statement.objects.update(withdrawn_at=said.at, withdrawn_by=office),
        lambda: Statement.objects.create(kind="at-most", number=1, **same),
        lambda: StatementMember.objects.create(statement=said, proposal=made["P-C"]),
    )
    for change in late:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_everybody_reads_what_was_stated_and_nobody_a_name_that_is_not_public(case, state) -> None:
    call, office, made = case
    actions.force(made["P-C"], inside=True, reason="A treaty.", by=office, command=calls.command())
    state(actions.state_together, "A", "C", -600_000)
    state(actions.state_together, "B", "C", 10_000, reason="They complete each other.")
    state(actions.state_at_most, ["B", "C", "D"], 2, reason="Their antennas are near.")
    state(actions.state_need, "D", ["A", "B"], 1, reason="It has no clock.")
    decision = calls.published(call, office)
    assert {o.proposal.code for o in decision.outcomes.filter(kind="selected")} == {"P-B", "P-C"}
    with translation.override("en"):
        told = [(one.said, one.proposals) for one in open_statements(decision)]
        against = open_reasons(decision).against
        letter = letters.reason(made["P-A"].outcome)
    assert told == [
        ("Two proposals, not both of them public, are worth more or less together", None),
        ("P-B and P-C are worth more together", ("P-B", "P-C")),
        ("Of some proposals, not all of them public, at most so many may fly", None),
        ("A proposal flies only with others, not all of them public", None),
    ]
    assert "an overlap with a selected proposal, which the panel stated" in against
    assert letter.endswith("Together with P-C, which is selected, it counts 60 less.")
    api = client_of().get(f"/api/v1/opportunities/{call.slug}/decision").json()["stated"]
    assert api[0] == {"kind": "together", "said": told[0][0], "proposals": None, "reason": "They measure the same."}
    sealed = Entry.objects.get(verb="decide", chain="public").body["facts"]["stated"]
    assert [one["proposals"] for one in sealed] == [None, ["P-B", "P-C"], None, None]
    public = client_of().get(reverse("decision", args=[call.slug])).content.decode()
    assert "They measure the same." in public
    for hidden in ("P-A", "P-D", "60 less"):
        assert hidden not in public
    assert "P-D" not in letter


def test_the_office_states_and_withdraws_on_its_page_and_the_studio_leaves_it_out(case) -> None:
    call, office, _ = case
    client, page = client_of(office), reverse("selection-statements", args=[call.slug])
    given = (
        {"kind": "at-most", "at-most-proposals": ["P-A", "P-B"], "at-most-number": "1", "at-most-reason": "One mast."},
        {"kind": "together", "together-first": "P-A", "together-second": "P-C", "together-worth": "-20", "together-reason": "Same band."},
        {"kind": "needs", "needs-proposal": "P-D", "needs-others": ["P-B", "P-C"], "needs-reason": "It has no clock."},
    )  # fmt: skip
    assert "together-worth" in client.get(page).content.decode()
    for data in given:
        assert send(client, "selection-statements", call.slug, **data).status_code == 302
        again = send(client, "selection-statements", call.slug, **data)
        assert (again.status_code, "This is stated already" in again.content.decode()) == (400, True)
    assert send(client, "selection-statements", call.slug, kind="together").status_code == 400
    assert send(client, "selection-statements", call.slug, kind="nonsense").status_code == 400
    words = [
        "of P-A, P-B at most 1 can fly", "P-A and P-C are worth 20 less together", "P-D flies only with at least 2 of P-B, P-C",
    ]  # fmt: skip
    for address in (page, reverse("selection", args=[call.slug])):
        shown = client.get(address).content.decode()
        assert [said in shown for said in (*words, "Same band.", "One mast.")] == [True] * 5
    found = calls.recommended(call, office)
    overlap = Statement.objects.get(kind="together")
    assert (
        found.result["prices"]["s0"] == "0"
    )  # B, C, D is best with the overlap; A, C and D cannot fly together without B
    assert len(found.result["prices"]) == len(Levers(candidates(call)).switches) == 3
    studio = client.get(reverse("selection-studio", args=[call.slug]), {"off": ["s0", "r1"]})
    assert "without: P-A and P-C are worth 20 less together" in studio.content.decode()
    assert set(studio.context["answer"].result.choices) == set(calls.BEST)
    panel = client.get(reverse("selection-paper", args=[call.slug, found.number]))
    assert panel.status_code == 200
    key = {"args": [call.slug, overlap.pk]}
    for user in (lead_of(case[2]["P-A"]), builders.office_of(builders.agency())):
        stranger = client_of(user)
        assert stranger.get(page).status_code == 404
        assert (
            stranger.post(reverse("selection-statement-withdraw", **key), {"command": str(calls.command())}).status_code
            == 404
        )
    assert (
        client.post(reverse("selection-statement-withdraw", **key), {"command": str(calls.command())}).status_code
        == 302
    )
    assert [one.kind for _, one in client.get(page).context["withdrawn"]] == ["together"]


def test_the_page_asks_as_often_for_three_statements_as_for_one(case, state) -> None:
    call, office, _ = case
    client, page = client_of(office), reverse("selection-statements", args=[call.slug])
    counts = []
    for said in ((["A", "B"], 1), (["A", "C"], 1), (["B", "C", "D"], 2)):
        state(actions.state_at_most, *said)
        counts.append(calls.queries_of(client, page))
    assert counts[0] == counts[2]


def test_a_statement_that_both_keep_holds_for_the_reserve_list(case, state) -> None:
    """After a loss the places that stay are held; who waits comes in only as the statements allow."""
    call, office, made = case
    state(actions.state_at_most, ["A", "B"], 1)
    calls.published(call, office, reserve=1)
    actions.lose(made["P-D"].outcome, reason="No licence.", by=office, command=calls.command())
    calls.work()
    offer = call.recommendations.filter(purpose="reserve").last()
    assert offer.result["choices"] == {"P-A": "Full", "P-C": "Full"}
