"""Terms: what is said, what differs, what is missing; and times on the clocks of zones."""

import dataclasses
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import complete_draft
from moonbridge.cooperation.opportunities import instants, reading, terms
from moonbridge.cooperation.opportunities.completeness import missing
from moonbridge.cooperation.opportunities.models import Accommodation, Criterion, EnvelopeLine, PortfolioRule, StageDate
from moonbridge.cooperation.opportunities.terms import Terms, compare
from moonbridge.errors import InputError

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ZONES = ["Asia/Shanghai", "Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "UTC"]


def line(resource: str = "mass", **fields) -> EnvelopeLine:
    return EnvelopeLine(resource=resource, **{"total": 1_000_000} | fields)


rows = st.lists(
    st.builds(line, st.sampled_from(["mass", "power-peak", "slots"]), total=st.integers(0, 10**12)),
    unique_by=lambda row: row.resource,
).map(tuple)


@given(rows, st.text(max_size=9))
def test_nothing_differs_from_itself(envelope, title) -> None:
    assert compare(Terms(title=title, envelope=envelope), Terms(title=title, envelope=tuple(reversed(envelope)))) == []


@given(rows, rows)
def test_a_difference_is_told_once_and_backwards_the_other_way_round(before, after) -> None:
    there = compare(Terms(title="", envelope=before), Terms(title="", envelope=after))
    back = compare(Terms(title="", envelope=after), Terms(title="", envelope=before))
    told = {(*change.subject, change.field): (change.before, change.after) for change in there}
    assert len(told) == len(there)
    assert told == {(*change.subject, change.field): (change.after, change.before) for change in back}
    kept = {row.resource: row.total for row in before}
    totals = {row.resource: row.total for row in after}
    expected = {key for key in kept | totals if kept.get(key) != totals.get(key)}
    named = {"mass": "mass", "power-peak": "peak power", "slots": "mounting slots"}
    assert {key[1] for key in told} == {named[key] for key in expected}


def test_differences_are_told_in_words_and_units() -> None:
    before = Terms(
        title="Old", envelope=(line(per_item=500_000),), criteria=(Criterion(name="Merit", weight=1),),
        accommodations=(Accommodation(length_um=300_000, width_um=200_000, coldest_centidegree=-2050, hottest_centidegree=5000),),
    )  # fmt: skip
    grown = (line(total=None), line("data-per-day", total=125_000_000))
    after = Terms(title="New", envelope=grown, portfolio_rules=(PortfolioRule(by="country", at_most=2),))
    told = [
        (", ".join((*change.subject, change.field)), change.before, change.after) for change in compare(before, after)
    ]
    assert told == [
        ("opportunity, title", "Old", "New"),
        ("whole mission, mass, in total", "1 kg", "no limit stated"),
        ("whole mission, mass, at most per item", "500 g", "no limit stated"),
        ("whole mission, box", "300 × 200 × ? mm", ""),
        ("whole mission, temperatures", "-20.5 … 50 °C", ""),
        ("criterion, Merit, weight", "1", ""),
        ("criterion, Merit, scale", "0 … 10", ""),
        ("whole mission, data per day, in total", "", "125 MB/day"),
        ("whole mission, data per day, at most per item", "", "no limit stated"),
        ("whole mission, data per day, held back", "", "0 MB/day"),
        ("selected proposals, country, at most", "", "2"),
    ]


@pytest.mark.django_db
def test_contradictions_are_found() -> None:
    good = terms.read(complete_draft())
    assert missing(good, now=NOW) == []
    early = StageDate(stage="decision", promised=good.deadline)
    bad = dataclasses.replace(
        good, envelope=(line(total=5, per_item=6), line("slots", total=None), line("power-peak", total=1, margin=2)),
        criteria=(Criterion(name="Flat", lowest=3, highest=3),), portfolio_rules=(
            PortfolioRule(by="all", at_least=3, at_most=2),
            PortfolioRule(by="all", measure="amount", resource="data-per-day", at_most=5),
            PortfolioRule(by="element", measure="part", resource="mass", at_least=500, at_most=400),
            PortfolioRule(by="all", measure="part", at_most=500),
        ),
        stage_dates=(early,), letter_required=True,
    )  # fmt: skip
    assert missing(bad, now=good.deadline) == [
        "“whole mission: mass” allows one item more than all together.",
        "“whole mission: mounting slots” states no limit, neither in total nor per item.",
        "“whole mission: peak power” holds back more than there is.",
        "The scale of “Flat” does not rise.",
        "A portfolio rule asks for at least 3 and at most 2.",
        "A portfolio rule speaks of “data per day”, of which the envelope states no limit.",
        "A portfolio rule asks for at least 50 % and at most 40 %.",
        "By element a portfolio rule counts proposals only; the envelope limits the resources of each element.",
        "A portfolio rule speaks of a part for all proposals; together they always have all.",
        "Letters of intent are asked for, but their deadline is missing.",
        "The dates are out of order: the deadline for proposals must come before the decision.",
        "The deadline for proposals is over already.",
    ]


@pytest.mark.parametrize(
    ("rule", "sentences"),
    [
        (PortfolioRule(by="country", at_most=2), ["At most 2 per country."]),
        (PortfolioRule(by="country", at_least=6, distinct=True), ["At least 6 different countries."]),
        (PortfolioRule(by="institution", at_most=2), ["At most 2 per institution."]),
        (PortfolioRule(by="institution", group="IKI", at_least=1), ["At least 1 with IKI."]),
        (PortfolioRule(by="institution", at_least=6, distinct=True), ["At least 6 different institutions."]),
        (PortfolioRule(by="first-time", at_least=1), ["At least 1 by first-time participants."]),
        (
            PortfolioRule(by="theme", group="dust", at_least=1, at_most=3),
            ["At least 1 on the theme “dust”.", "At most 3 on the theme “dust”."],
        ),
        (PortfolioRule(by="all", at_most=10), ["At most 10 in all."]),
        (
            PortfolioRule(by="first-time", measure="amount", resource="mass", at_least=30_000_000),
            ["First-time participants: at least 30 kg of mass."],
        ),
        (
            PortfolioRule(by="country", measure="part", resource="mass", at_most=400),
            ["Each country: at most 40 % of the mass that is granted."],
        ),
        (
            PortfolioRule(by="theme", group="dust", measure="part", at_least=125, at_most=500),
            [
                "The theme “dust”: at least 12.5 % of the selected proposals, each counted by its shares.",
                "The theme “dust”: at most 50 % of the selected proposals, each counted by its shares.",
            ],
        ),
        (
            PortfolioRule(by="country", group="TH", measure="shares", at_most=2500),
            ["TH: at most 2.5 selected proposals, each counted by its shares."],
        ),
    ],
)
def test_rules_read_as_sentences(rule: PortfolioRule, sentences: list[str]) -> None:
    assert list(reading.rule_sentences(rule)) == sentences


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_a_local_time_names_one_instant_or_is_refused(wall: datetime, name: str) -> None:
    wall = wall.replace(second=0, microsecond=0)
    universal = {
        at
        for hours in range(-15, 16)
        for half in (0, 30)
        if (at := wall.replace(tzinfo=UTC) + timedelta(hours=hours, minutes=half))
        .astimezone(ZoneInfo(name))
        .replace(tzinfo=None)
        == wall
    }
    try:
        assert {instants.localised(wall, name, field="x")} == universal
    except InputError:
        assert len(universal) != 1


@pytest.mark.parametrize(
    ("wall", "name"), [((2027, 3, 28, 2, 30), "Europe/Paris"), ((2027, 10, 31, 2, 30), "Europe/Paris")]
)
def test_times_that_clocks_skip_or_show_twice_are_refused(wall: tuple[int, ...], name: str) -> None:
    with pytest.raises(InputError, match="change at"):
        instants.localised(datetime(*wall), name, field="deadline")  # noqa: DTZ001


def test_an_instant_is_told_in_its_zone_and_in_utc() -> None:
    at = datetime(2027, 3, 1, 15, 59, tzinfo=UTC)
    assert instants.text(at, "Asia/Shanghai") == "2027-03-01 23:59 Asia/Shanghai (2027-03-01 15:59 UTC)"
    assert instants.text(at, "UTC") == "2027-03-01 15:59 UTC"
    assert instants.text(at.replace(second=59), "UTC") == "2027-03-01 15:59:59 UTC"
    with pytest.raises(InputError, match="not a time zone"):
        instants.text(at, "../../etc/passwd")
