"""What of the database reaches the engine: limits, merits, groups and rules, by name."""

from fractions import Fraction

import pgtrigger
import pytest
from django.utils import translation

import builders
from cooperation.selection import calls
from moonbridge.cooperation.opportunities.models import EnvelopeLine, PortfolioRule
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.proposals.models import Demand, Relation, RelationKind
from moonbridge.cooperation.selection.afterwards import eased
from moonbridge.cooperation.selection.candidates import candidates, digest_of
from moonbridge.cooperation.selection.conditions import NEEDED_IS_GONE, country_shares
from moonbridge.cooperation.selection.levers import Levers
from moonbridge.cooperation.selection.openly import open_reasons
from moonbridge.cooperation.selection.results import plain, revived
from moonbridge.cooperation.selection.wording import Wording
from moonbridge.engines.selection.explain import explain_all
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit
from moonbridge.engines.selection.rules import (
    Breadth,
    Fixed,
    GroupAmount,
    GroupCount,
    GroupPart,
    GroupShares,
    needs,
    not_together,
)
from moonbridge.engines.selection.sentences import sentence
from moonbridge.errors import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return calls.hand_computed_call()


@pytest.fixture
def terms_may_change():
    names = ("EnvelopeLine", "PortfolioRule")
    with pgtrigger.ignore(*(f"opportunities.{name}:changes_by_amendment" for name in names)):
        yield


def test_limits_hold_the_margin_back_and_lines_without_any_limit_bind_nobody(case, terms_may_change) -> None:
    call, _, made = case
    EnvelopeLine.objects.filter(opportunity=call, resource="mass").update(margin=1_000_000)
    EnvelopeLine.objects.create(opportunity=call, resource="power-peak", per_item=7_000, position=2)
    free = EnvelopeLine.objects.create(opportunity=call, resource="other", name="water", unit="l", position=3)
    peak = call.envelope.get(resource="power-peak")
    for line, amount in ((peak, 8_000), (free, 5)):
        Demand.objects.create(option=made["P-A"].options.get(), line=line, amount=amount)
    problem = candidates(call)
    assert problem.limits == (
        Limit("lander", "mass", 20_000_000, per_item=10_000_000, reserved=1_000_000),
        Limit("lander", "power", 50_000),
        Limit("mission", "peak power", 8_000, per_item=7_000),
    )
    # Above the cap per item the option stays in the problem, so that it is explained and not dropped.
    assert problem.by_id["P-A"].option("Full").demands["mission", "peak power"] == 8_000
    assert ("mission", "water") not in problem.by_id["P-A"].option("Full").demands
    assert "one item may have at most 7 W" in sentence(explain_all(optimum(problem))["P-A"])


def test_two_resources_of_one_name_are_told_apart_by_their_unit(case, terms_may_change) -> None:
    call, _, _ = case
    for position, unit in enumerate(("l", "kg"), start=2):
        line = {"resource": "other", "name": "water", "unit": unit, "total": 1000}
        element = call.elements.get() if unit == "l" else None
        EnvelopeLine.objects.create(opportunity=call, element=element, position=position, **line)
    assert [limit.place for limit in candidates(call).limits[2:]] == [
        ("lander", "water (l)"),
        ("mission", "water (kg)"),
    ]


def test_a_synthetic_call_is_marked_in_its_limits() -> None:
    call = builders.open_opportunity(state="closed", origin="synthetic")
    proposal = builders.submitted_proposal(call, synthetic=True)
    calls.bring_scores(call, builders.office_of(call.agency), {proposal.code: "8"})
    assert [limit.synthetic for limit in candidates(call).limits] == [True, True]


def test_an_option_is_worth_its_part_of_the_merit(case) -> None:
    call, _, made = case
    made["P-A"].options.update(merit_permille=333)
    assert candidates(call).by_id["P-A"].option("Full").merit == Fraction("29.97")


def test_rules_on_groups(case, terms_may_change) -> None:
    call, _, made = case
    made["P-A"].participants.update(country="KR")
    made["P-B"].first_time = True
    made["P-B"].save()
    for rule in (
        {"by": "country", "at_most": 2},
        {"by": "country", "group": "kr", "at_least": 1},
        {"by": "country", "at_least": 2, "distinct": True},
        {"by": "first-time", "at_least": 1},
        {"by": "all", "at_most": 3},
        {"by": "element", "group": "lander", "at_least": 1, "at_most": 2},
    ):
        PortfolioRule.objects.create(opportunity=call, **rule)
    problem = candidates(call)
    assert set(problem.rules) == {
        GroupCount("country:KR", at_most=2), GroupCount("country:TH", at_most=2), GroupCount("country:KR", at_least=1),
        Breadth("country", at_least=2), GroupCount("first-time", at_least=1), GroupCount("all", at_most=3),
        GroupAmount("all", "places on lander", at_least=1),
    }  # fmt: skip
    assert problem.limits[-1] == Limit("lander", "places on lander", 2)
    result = optimum(problem)
    # Two places on the lander, one for Korea, one for the first-timer.
    assert set(result.choices) == {"P-A", "P-B"}
    assert set(eased(problem).rules) == {
        GroupCount("country:KR", at_most=2),
        GroupCount("country:TH", at_most=2),
        GroupCount("all", at_most=3),
    }


def test_rules_on_amounts_shares_and_parts(case) -> None:
    """A and C are Korean; at most 45 % of what is granted may be Korean, so that B and D fly beside one of them."""
    call, office, made = case
    for code in ("P-A", "P-C"):
        made[code].participants.update(country="KR")
    made["P-B"].first_time = True
    made["P-B"].save()
    mass = {"resource": "mass"}
    rules = (
        {"by": "country", "measure": "part", "at_most": 600} | mass,
        {"by": "country", "group": "KR", "measure": "part", "at_most": 450} | mass,
        {"by": "country", "group": "th", "measure": "shares", "at_least": 1500},
        {"by": "first-time", "measure": "amount", "at_least": 5_000_000} | mass,
        {"by": "theme", "group": "dust", "measure": "part", "at_most": 500},
        {"by": "all", "measure": "amount", "at_most": 19_500_000} | mass,
    )
    with pgtrigger.ignore("opportunities.PortfolioRule:changes_by_amendment"):
        for rule in rules:
            PortfolioRule.objects.create(opportunity=call, **rule)
    problem = candidates(call)
    assert set(problem.rules) == {
        GroupPart("country:KR", "mass", at_most=Fraction(3, 5)), GroupPart("country:TH", "mass", at_most=Fraction(3, 5)),
        GroupPart("country:KR", "mass", at_most=Fraction(9, 20)), GroupShares("country:TH", at_least=Fraction(3, 2)),
        GroupAmount("first-time", "mass", at_least=5_000_000), GroupPart("theme:dust", None, at_most=Fraction(1, 2)),
        GroupAmount("all", "mass", at_most=19_500_000),
    }  # fmt: skip
    decision = calls.published(call, office)
    assert set(decision.recommendation.result["choices"]) == {
        "P-B",
        "P-C",
        "P-D",
    }  # 8 of 19 kg; with A it would be 10 of 19 or 21 kg
    levers, wording = Levers(problem), Wording(call)
    assert len(levers.rules) == 6  # what is said of each country is one rule
    assert [dial.text(dial.present) for dial in levers.dials.values()][-2:] == ["19.5 kg", "5 kg"]
    said = [wording.each(rules[0]) if len(rules) > 1 else wording.source(rules[0]) for rules in levers.rules.values()]
    assert sorted(said) == [
        "mass for first-time participants: at least 5 kg", "mass in all: at most 19.5 kg",
        "part of South Korea in the mass used: at most 0.45", "part of dust in the selected proposals: at most 0.5",
        "part of each country in the mass used: at most 0.6", "shares of Thailand: at least 1.5",
    ]  # fmt: skip
    assert open_reasons(decision).against[0] == "Lander · mass"
    assert GroupAmount("all", "mass", at_most=19_500_000) in eased(problem).rules
    assert not any(isinstance(rule, GroupPart) for rule in eased(problem).rules)


def test_a_rule_on_a_resource_that_is_not_limited_is_refused(case, terms_may_change) -> None:
    call, _, _ = case
    PortfolioRule.objects.create(
        opportunity=call, by="all", measure="amount", resource="other", name="water", unit="l", at_most=5
    )
    with pytest.raises(Refused, match="“water”"):
        candidates(call)


def test_rules_on_institutions(case, terms_may_change) -> None:
    """A and C are of one institute, spelled in two ways, so that only one of them flies."""
    call, _, made = case
    agency = Partner.objects.create(slug="agency-of-d", name="Space Agency of D", kind="agency")
    for code, institution in (
        ("P-A", "Institute  of Dust"),
        ("P-B", "Other"),
        ("P-C", "institute of dust"),
        ("P-D", ""),
    ):
        made[code].participants.update(institution=institution, partner=agency if code == "P-D" else None)
    for rule in ({"at_most": 1}, {"group": "INSTITUTE OF DUST", "at_least": 1}, {"at_least": 2, "distinct": True}):
        PortfolioRule.objects.create(opportunity=call, by="institution", **rule)
    problem = candidates(call)
    assert set(problem.rules) == {
        *(GroupCount(f"institution:{name}", at_most=1) for name in ("Institute of Dust", "Other", "Space Agency of D")),
        GroupCount("institution:Institute of Dust", at_least=1), Breadth("institution", at_least=2),
    }  # fmt: skip
    assert problem.by_id["P-C"].groups["institution:Institute of Dust"] == 1
    assert set(optimum(problem).choices) == {"P-B", "P-C", "P-D"}  # 19 kg, 195; A and C with D would be 205
    assert "institution" in Levers(problem).measures
    said = Wording(call).source(GroupCount("institution:Institute of Dust", at_most=1))
    assert said == "number of proposals of Institute of Dust: at most 1"


def test_without_a_rule_on_institutions_nobody_belongs_to_one(case) -> None:
    assert not any("institution" in group for p in candidates(case[0]).proposals for group in p.groups)


def test_what_proposals_say_of_each_other(case) -> None:
    call, _, made = case
    merged = builders.submitted_proposal(call, code="P-M", state="merged", merged_into=made["P-C"])
    gone = builders.submitted_proposal(call, code="P-W", state="withdrawn", withdrawn_at=call.deadline)
    said = (
        ("P-A", RelationKind.INTERFERES, made["P-B"]),
        ("P-A", RelationKind.NEEDS, merged),
        ("P-B", RelationKind.NEEDS, gone),
        ("P-B", RelationKind.INTERFERES, gone),
        ("P-D", RelationKind.NEEDS, None),
    )
    for code, kind, other in said:
        Relation.objects.create(proposal=made[code], kind=kind, named="the radar", other=other)
    assert candidates(call).rules == (
        not_together("P-A", "P-B"),
        needs("P-A", "P-C"),
        Fixed("P-B", included=False, reason=NEEDED_IS_GONE),
    )


@pytest.mark.parametrize(
    ("parties", "shares"),
    [
        ([("TH", 700, True), ("KR", 300, False)], {"TH": Fraction(7, 10), "KR": Fraction(3, 10)}),
        ([("TH", 0, True), ("KR", 0, False)], {"TH": Fraction(1)}),
        ([("TH", 0, False), ("KR", 0, False)], {"TH": Fraction(1, 2), "KR": Fraction(1, 2)}),
        ([("TH", 500, True), ("TH", 500, False), ("", 0, False)], {"TH": Fraction(1)}),
    ],
)
def test_shares_of_countries(case, parties, shares) -> None:
    _, _, made = case
    made["P-A"].participants.all().delete()
    for country, share, leads in parties:
        made["P-A"].participants.create(country=country, share_permille=share, leads=leads, institution="An institute")
    assert country_shares(made["P-A"]) == shares


def test_the_digest_is_the_same_in_every_language_and_order_of_asking(case) -> None:
    call, _, made = case
    gone = builders.submitted_proposal(call, state="withdrawn", withdrawn_at=call.deadline)
    Relation.objects.create(proposal=made["P-A"], kind=RelationKind.NEEDS, named="it", other=gone)
    digests = set()
    for language in ("en", "zh-hans"):
        with translation.override(language):
            digests.add(digest_of(candidates(call)))
    assert len(digests) == 1


def test_kept_explanations_say_the_same_as_fresh_ones(case, terms_may_change) -> None:
    call, _, made = case
    made["P-A"].participants.update(country="KR")
    PortfolioRule.objects.create(opportunity=call, by="country", group="TH", at_most=1)
    Relation.objects.create(proposal=made["P-B"], kind=RelationKind.INTERFERES, named="it", other=made["P-A"])
    problem = candidates(call)
    for explanation in explain_all(optimum(problem)).values():
        assert sentence(revived(plain(explanation), problem)) == sentence(explanation)


def test_a_rule_on_the_whole_portfolio_names_no_group(case) -> None:
    call, office, _ = case
    explanation = calls.recommended(call, office).result["explanations"]["P-B"]
    explanation["broken"] = [{"is": "GroupCount", "group": "all", "at_least": 3, "at_most": None}]
    assert "would be broken: selected proposals in all: at least 3." in Wording(call).explanation(explanation)


def test_names_are_those_of_the_reader(case) -> None:
    call, office, _ = case
    element = call.elements.get()
    element.name, element.name_zh = "The lander", "着陆器"
    element.save()
    explanation = calls.recommended(call, office).result["explanations"]["P-B"]
    assert "It asks for 9 kg of The lander mass" in Wording(call).explanation(explanation)
    with translation.override("zh-hans"):
        assert "着陆器" in Wording(call).explanation(explanation)
    masked = Wording(call, open_codes={"P-B"}).explanation(explanation)
    assert "another proposal" in masked
    assert "P-A" not in masked
