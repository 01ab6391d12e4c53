"""The hidden facts: how each is changed, and who may know it, written down by hand and not read from the product's own kernel."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from moonbridge.cooperation.review.aims import Aim, Asked
from worlds.changes import Changes, Fact, erased, written
from worlds.making import ROLES, TEAM, Case, World

OFFICE = frozenset({"office"})
RUN = OFFICE | {"chair", "secretary"}
"""Who runs panel a."""
SIT = RUN | {"assigned", "unassigned"}
"""Who sits in panel a without a conflict; they learn of each other's work once the panel discusses."""
PANEL = SIT | {"conflicted", "referee", "observer"}
"""Who has a seat in panel a; none of them but the office is in the way of proposal z."""
NOBODY: frozenset[str] = frozenset()
EVERYBODY = frozenset(ROLES)
AGENCY = OFFICE | {"conflicted office"}
UNTIED = frozenset({
    "title", "a reviewer's keywords", "a reviewer's texts", "a reviewer's ORCID", "a reviewer's ROR", "a reviewer's kinds",
    "a reviewer's languages", "that a reviewer left", "a reviewer's funding", "a reviewer's load", "who sits", "a list of papers",
    "another conflict is there", "a mark of another team's", "that another team withdrew", "another team's score",
    "a score table's name", "what another team was told", "another team's outcome", "the decision's note",
})  # fmt: skip
"""What the office knows and says nothing of the review of x: an officer in conflict with x knows it too, titles by what the agency
received, and nothing else of all this."""

INSTANT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


def _of_mark(case: Case, review: str, **values: Any) -> Changes:
    return written(case.reviews[review].marks.get(), **values)


def facts(world: World) -> Iterator[Fact]:
    """Yield every hidden fact of every case."""
    for case in world.cases.values():
        yield from _proposal(case)
        yield from _people(case)
        if case.reviews:
            yield from _reviews(case, case.talking)
            yield from _meeting(case, case.talking)
    yield from _scores(world.cases["concluded"])
    yield from _decision(world.cases["concluded"])
    yield from _scores(world.cases["told"])
    yield from _told(world.cases["told"])


def _make(case: Case, *rows: tuple[str, frozenset[str], Changes]) -> Iterator[Fact]:
    for name, knows, changes in rows:
        yield Fact(name, case, knows | AGENCY if name in UNTIED and knows >= OFFICE else knows, changes)


def _proposal(case: Case) -> Iterator[Fact]:
    """What is proposed: those who judge it, and nobody else; in a dual-anonymous call not by whom."""
    judges = RUN | {"assigned", "technical", "referee"} if case.reviews else RUN
    readers = TEAM | judges | ({"unassigned"} if case.talking else NOBODY)
    declarers = readers | {"assigned", "unassigned", "technical", "referee", "observer"}
    proposers = TEAM | {"office", "secretary"} if case.round.mode == "dual-anonymous" else readers
    declared = proposers if case.round.mode == "dual-anonymous" else declarers
    x = case.proposals["x"]
    option, member = x.options.get(), x.members.get(role="editor")
    yield from _make(
        case,
        ("title", declarers, written(x, title="Another title")),
        ("short name", readers, written(x, acronym="ANOTHER")),
        ("theme", readers, written(x, theme="Another theme")),
        ("abstract", readers, written(x, abstract="Another abstract.")),
        ("objectives", readers, written(x, objectives="Other objectives.")),
        ("accommodation", readers, written(x, accommodation="Another place.")),
        ("mass", readers, written(option.demands.order_by("pk").first(), amount=1_234_000)),
        ("an option", readers, written(option, name="Another", kind="descoped", merit_permille=500, argument="Less of it.")),
        ("an option's size", readers, written(option, length_um=1_000, width_um=2_000, height_um=3_000)),
        ("what an option endures", readers, written(option, coldest_centidegree=-10_000, hottest_centidegree=9_000)),
        ("a mode", readers, written(case.things["mode"], name="Fast", power_mw=7_000, data_per_day=8_000, duty_permille=900)),
        ("what a team says of others", readers, written(case.things["relation"], kind="needs", named="A camera")),
        ("which proposal is meant", OFFICE, written(case.things["relation"], other=case.proposals["y"])),
        ("expertise part", proposers, written(x, expertise="Others built it.")),
        ("a first participation", proposers, written(x, first_time=True)),
        ("export control", proposers, written(x, export_control="Two licences.", export_control_clear=True)),
        ("institution", declared, written(x.participants.get(), institution="Another institute")),
        ("country", declared, written(x.participants.get(), country="KE")),
        ("a partner's share", declared, written(x.participants.get(), share_permille=400, contribution="A lens", leads=False)),
        ("a partner of the catalogue", declared, written(x.participants.get(), partner=case.call.agency)),
        ("who is in the team", declared, written(member, user=case.seats["beta"].user)),
        ("an invited team mate", frozenset({"lead"}), written(case.things["team invitation"], email="else@example.org", role="reader")),
        ("that a team mate is invited", frozenset({"lead"}), erased(case.things["team invitation"])),
        ("why a telling passage stays", proposers, written(case.things["explanation"], excerpt="our lab", reason="There are few.")),
        ("letter of intent", proposers, written(x, letter="We mean it.")),
        ("an editor's role", declared, written(member, role="reader")),
        ("a file's title", readers, written(case.things["plan.pdf"], title="Another plan")),
        ("a file's name", readers, written(case.things["plan.pdf"], name="other.pdf", media_type="application/json")),
        ("a file's digest", readers, written(case.things["plan.pdf"], sha256="1" * 64)),
        ("a file's size", readers, written(case.things["plan.pdf"], size=2_000_000)),
        ("a sealed file's title", proposers, written(case.things["people.pdf"], title="Other people")),
        ("a sealed file is there", proposers, erased(case.things["people.pdf"])),
    )  # fmt: skip
    if case.call.state == "closed" and not case.things.get("decision"):
        withdrawn = written(case.proposals["z"], state="withdrawn", withdrawn_at=INSTANT)
        yield from _make(case, ("that another team withdrew", PANEL, withdrawn))


def _people(case: Case) -> Iterator[Fact]:
    """Who judges, what they said of themselves, and with whom they have conflicts."""
    yield from _make(
        case,
        ("a reviewer's keywords", RUN, written(case.seats["quiet"], keywords=["ice"])),
        ("a reviewer's texts", RUN, written(case.seats["quiet"], texts=["On ice."])),
        ("a reviewer's ORCID", RUN, written(case.seats["quiet"], orcid="0000-0002-1825-0097")),
        ("a reviewer's ROR", RUN, written(case.seats["quiet"], ror="https://ror.org/02mhbdp94")),
        ("a reviewer's kinds", RUN, written(case.seats["quiet"], kinds=["engineer"])),
        ("a reviewer's languages", RUN, written(case.seats["quiet"], languages=["zh"])),
        ("that a reviewer left", RUN, written(case.seats["other quiet"], left_at=INSTANT, left_because="No time.")),
        ("a reviewer's funding", RUN, written(case.seats["quiet"], funding=["A fund"])),
        ("a reviewer's load", RUN, written(case.seats["quiet"], least=1, most=2)),
        ("who sits", RUN, written(case.seats["other quiet"], user=case.proposals["z"].members.get().user)),
        ("an invited address", RUN, written(case.things["invitation"], email="another@example.org")),
        ("an invitation declined", RUN, written(case.things["invitation"], declined_at=INSTANT)),
        ("why an invitation was declined", RUN,
         written(case.things["invitation"], declined_at=INSTANT, declined_because="No time.")),
        ("an invitation revoked", RUN, written(case.things["invitation"], revoked_at=INSTANT, declined_at=None)),
        ("that somebody is invited", RUN, erased(case.things["invitation"])),
        ("what is said of an invited person", RUN, written(case.things["invitation"], about={"keywords": ["ice"]})),
        ("a word to an invited person", RUN, written(case.things["invitation"], note="Please do.")),
        ("a conflict's source", RUN, written(case.things["conflict of conflicted"], source="office")),
        ("whether a conflict is certain", RUN, written(case.things["conflict of conflicted"], certain=False)),
        ("a list of papers", RUN, written(case.things["papers"], name="others.csv", rows=[["p2", 2025, []]])),
        ("who a team says should not judge", TEAM | OFFICE,
         written(case.things["named"], name="B. Rival", email="b@example.org", institution="Theirs", tie="money", words="A debt.")),
        ("that a team names somebody", TEAM | OFFICE, erased(case.things["named"])),
        ("a conflict's evidence", RUN, written(case.things["conflict of conflicted"], evidence="one office")),
        ("a conflict's ground", RUN, written(case.things["conflict of conflicted"], ground="coauthor")),
        ("a chair's conflict", OFFICE, written(case.things["conflict of conflicted chair"], evidence="a cousin")),
        ("another conflict is there", RUN, erased(case.things["conflict of slow"])),
        ("a lifted conflict is there", RUN, erased(case.things["lifted"])),
        ("why a conflict was lifted", RUN, written(case.things["lifted"], lifted_because="no matter")),
        ("a bid", RUN, written(case.seats["quiet"].declarations.get(item=case.items["xa"]), bid=-2)),
        ("a bid in the other panel", OFFICE, written(case.seats["beta"].declarations.get(item=case.items["xb"]), bid=-2)),
    )  # fmt: skip


def _reviews(case: Case, talking: bool) -> Iterator[Fact]:
    """What reviews say, who wrote them, and that they are there."""
    seen = SIT if talking else RUN
    own, referee = seen | {"assigned"}, seen | {"referee"}
    technical = OFFICE | {"technical"} | (SIT if talking else NOBODY)
    yield from _make(
        case,
        ("a mark", own, _of_mark(case, "assigned xa", value_permille=1000)),
        ("why a mark", own, _of_mark(case, "assigned xa", comment="Other reasons.")),
        ("a comment to the team", own, written(case.reviews["assigned xa"], to_team="Otherwise.")),
        ("a confidential comment", own, written(case.reviews["assigned xa"], confidential="Otherwise.")),
        ("how expert a reviewer is", own, written(case.reviews["assigned xa"], expertise=3)),
        ("when it was submitted", own, written(case.reviews["assigned xa"], submitted_at=INSTANT)),
        ("a referee's mark", referee, _of_mark(case, "referee xa", value_permille=1000)),
        ("a referee's comment", referee, written(case.reviews["referee xa"], to_team="Otherwise.")),
        ("who reviews", seen, written(case.reviews["quiet xa"], seat=case.seats["other quiet"])),
        ("that a review is there", seen, _gone(case.reviews["quiet xa"])),
        ("a draft's mark", NOBODY, _of_mark(case, "slow xa", value_permille=9000)),
        ("a draft's comment", NOBODY, written(case.reviews["slow xa"], to_team="Otherwise.")),
        ("that a review is begun", RUN, _unbegun(case.reviews["slow xa"])),
        ("when a draft was saved", RUN, written(case.reviews["slow xa"], saved_at=INSTANT)),
        ("that a review is due", RUN, _gone(case.reviews["slow xa"])),
        ("why somebody recused", RUN, written(case.reviews["gone xa"], ended_because="no time")),
        ("that somebody recused", RUN, erased(case.reviews["gone xa"])),
        ("a technical mark", technical, _of_mark(case, "technical xt", value_permille=1000)),
        ("a technical verdict", technical, written(case.reviews["technical xt"], verdict="infeasible")),
        ("a technical comment", technical, written(case.reviews["technical xt"], to_team="Otherwise.")),
        ("a technical confidence", OFFICE | {"technical"}, written(case.reviews["technical xt"], confidential="Otherwise.")),
        ("a mark of the other panel", OFFICE, _of_mark(case, "beta xb", value_permille=1000)),
        ("a comment of the other panel", OFFICE, written(case.reviews["beta xb"], to_team="Otherwise.")),
        ("that the other panel has a review", OFFICE, _gone(case.reviews["beta xb"])),
        ("a mark of another team's", SIT | {"conflicted"} if talking else RUN | {"assigned"},
         _of_mark(case, "assigned ya", value_permille=1000)),
        ("a reminder", RUN, erased(case.things["reminder"])),
        ("what an assignment was asked for", RUN, written(case.things["allocation"], asked=Asked(Aim.FLOOR).kept())),
        ("a proposed assignment", RUN, written(case.things["allocation"], state="cancelled", done=50)),
        ("a conflict of a review that goes on", OFFICE | {"secretary"}, erased(case.things["late finding"])),
        ("that a team names a reviewer of a review that goes on", OFFICE, erased(case.things["late word of the team"])),
    )  # fmt: skip


def _gone(review: Any) -> Changes:
    return erased(*review.marks.all(), review)


def _recalibrated(found: Any) -> Changes:
    other = dict.fromkeys(found.codes, "12.3456")
    return written(found, merits=other, means=other)


def _unbegun(review: Any) -> Changes:
    return erased(*review.marks.all()) + written(review, state="assigned", to_team="")


def _meeting(case: Case, talking: bool) -> Iterator[Fact]:
    """What the panel said and agreed on."""
    seen = SIT if talking else RUN
    yield from _make(
        case,
        ("a remark", seen, written(case.things["remark"], text="Let us not.")),
        ("who said a remark", seen, written(case.things["remark"], by=case.seats["secretary"].user)),
        ("that a remark is there", seen, erased(case.things["remark"])),
        ("a consensus", seen, written(case.items["xa"], consensus="We do not.")),
        ("the panel's word to the team", seen, written(case.items["xa"], to_team="Otherwise.")),
        ("the panel's confidence", seen, written(case.items["xa"], confidential="Otherwise.")),
        ("the place on the agenda", seen, written(case.items["xa"], position=500)),
        ("the other panel's consensus", OFFICE, written(case.items["xb"], consensus="We do not.")),
        ("the other panel discusses it", OFFICE, written(case.items["xb"], state="open", opened_at=INSTANT)),
        *_stages(case, seen),
    )  # fmt: skip


def _stages(case: Case, seen: frozenset[str]) -> Iterator[tuple[str, frozenset[str], Changes]]:
    """Where the discussion of xa stands, otherwise than it does: it is open where the panel talks, and waits elsewhere.

    Two for each case, since each of them takes a pass of its own.
    """
    item = case.items["xa"]
    if case.name == "talking":
        yield "that it is discussed now", seen, written(item, state="waiting", opened_at=None)
    if case.name in {"reviewing", "dual"}:
        yield "that it is discussed now", seen, written(item, state="open", opened_at=INSTANT)
    if case.name in {"talking", "concluded", "told"}:
        yield "that it was discussed", seen | {"assigned", "referee"}, written(item, state="closed", closed_at=INSTANT)
    if case.name != "talking":
        yield "that it is not discussed", seen, written(item, state="waiting", left_out_because="Agreed already.")


def _scores(case: Case) -> Iterator[Fact]:
    """Scores are the office's until the decision is published; then a team sees its own."""
    told = OFFICE | TEAM if case.call.state == "decided" else OFFICE
    yield from _make(
        case,
        ("a score that counts", told, written(case.things["score"], value_permille=1000)),
        ("a score's comment", told, written(case.things["score"], comment="Otherwise.")),
        ("a score's reviewer", OFFICE, written(case.things["score"], reviewer="R-999")),
        ("another team's score", told - TEAM, written(case.things["score z"], value_permille=1000)),
        ("a score table's name", OFFICE, written(case.things["table"], name="others.csv")),
        ("a calibrated merit", told,
         _recalibrated(case.things["calibration"])),
        ("why a comment is withheld", RUN, written(case.things["withheld"], reason="Otherwise.")),
        ("that a comment is withheld", RUN, erased(case.things["withheld"])),
        ("why a proposal is set aside", TEAM | RUN, written(case.things["aside"], because="Otherwise.")),
    )  # fmt: skip


def _decision(case: Case) -> Iterator[Fact]:
    """What is not published yet is the office's."""
    option = case.proposals["x"].options.get()
    yield from _make(
        case,
        ("an outcome", OFFICE, written(case.things["outcome"], kind="conditional", condition="A smaller box.", option=option)),
        ("another team's outcome", OFFICE, written(case.things["outcome y"], kind="reserve", reserve_rank=1)),
        ("an outcome's merit", OFFICE, written(case.things["outcome"], merit=900_000)),
        ("an outcome's note", OFFICE, written(case.things["outcome"], note="Otherwise.")),
        ("the decision's note", OFFICE, written(case.things["decision"], note="Otherwise.")),
        ("what the office forces", OFFICE, written(case.things["override"], inside=False)),
        ("why the office forces", OFFICE, written(case.things["override"], reason="Otherwise.")),
        ("that the office forces", OFFICE, erased(case.things["override"])),
        *_statement(case, OFFICE),
        ("that a decision is drafted", OFFICE, erased(*(case.things[f"outcome {key}"] for key in "xyz"), case.things["decision"])),
    )  # fmt: skip


def _told(case: Case) -> Iterator[Fact]:
    """What a team is told is its own, and those may read it who ran its review."""
    yield from _make(
        case,
        ("what a team was told", TEAM | RUN,
         written(case.things["debrief"], content=case.things["debrief"].content | {"withheld": 7})),
        ("what another team was told", RUN,
         written(case.things["debrief z"], content=case.things["debrief z"].content | {"withheld": 7})),
        ("the word to a team", TEAM | OFFICE, written(case.things["outcome"], note="Otherwise.")),
        ("what the office forces", EVERYBODY, written(case.things["override"], inside=False)),
        ("why the office forces", EVERYBODY, written(case.things["override"], reason="Otherwise.")),
        ("that the office forces", EVERYBODY, erased(case.things["override"])),
        *_statement(case, EVERYBODY),
    )  # fmt: skip


def _statement(case: Case, told: frozenset[str]) -> Iterator[tuple[Any, ...]]:
    """What the panel states about proposals, none of which is public: how many may fly, and of whom, stays with the office."""
    said, member = case.things["statement"], case.things["member of a statement"]
    yield "what the panel states", told, written(said, kind="needs", proposal=case.proposals["z"])
    yield "how many the panel states", OFFICE, written(said, number=2)
    yield "of whom the panel states", OFFICE, written(member, proposal=case.proposals["z"])
    yield "why the panel states", told, written(said, reason="Otherwise.")
    yield "that the panel states", told, erased(member, said)
