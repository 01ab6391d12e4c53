"""The hidden facts: how each is changed, and who may know it, written down by hand and not read from the product's own kernel."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.db.models import Model

from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.models import LateFinding
from worlds.making import ROLES, TEAM, Case, World

OFFICE = frozenset({"office"})
RUN = OFFICE | {"chair", "secretary"}
"""Who runs panel a."""
SIT = RUN | {"assigned", "unassigned"}
"""Who sits in panel a without a conflict; they learn of each other's work once the panel discusses."""
NOBODY: frozenset[str] = frozenset()
EVERYBODY = frozenset(ROLES)

INSTANT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)

type Change = Callable[[Case], None]


@dataclass(frozen=True)
class Fact:
    """Something in one case that only ``knows`` may learn; ``change`` makes it otherwise and nothing else."""

    name: str
    case: Case
    knows: frozenset[str]
    change: Change

    @property
    def key(self) -> str:
        return f"{self.case.name}: {self.name}"


def written(row: Model, /, **values: Any) -> None:
    """Change columns of a row behind the back of every trigger."""
    with pgtrigger.ignore():
        type(row).objects.filter(pk=row.pk).update(**values)


def erased(row: Model) -> None:
    """Delete a row and nothing that hangs on it."""
    with pgtrigger.ignore():
        type(row).objects.filter(pk=row.pk)._raw_delete(using="default")


def _of_mark(case: Case, review: str, **values: Any) -> None:
    written(case.reviews[review].marks.get(), **values)


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


def _make(case: Case, *rows: tuple[str, frozenset[str], Change]) -> Iterator[Fact]:
    for name, knows, change in rows:
        yield Fact(name, case, knows, change)


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
        ("title", declarers, lambda c: written(c.proposals["x"], title="Another title")),
        ("abstract", readers, lambda c: written(c.proposals["x"], abstract="Another abstract.")),
        ("objectives", readers, lambda c: written(c.proposals["x"], objectives="Other objectives.")),
        ("accommodation", readers, lambda c: written(c.proposals["x"], accommodation="Another place.")),
        ("mass", readers, lambda _: written(option.demands.order_by("pk").first(), amount=1_234_000)),
        ("expertise part", proposers, lambda c: written(c.proposals["x"], expertise="Others built it.")),
        ("institution", declared, lambda c: written(c.proposals["x"].participants.get(), institution="Another institute")),
        ("country", declared, lambda c: written(c.proposals["x"].participants.get(), country="KE")),
        ("letter of intent", proposers, lambda c: written(c.proposals["x"], letter="We mean it.")),
        ("an editor's role", declared, lambda _: written(member, role="reader")),
        ("a file's title", readers, lambda c: written(c.things["plan.pdf"], title="Another plan")),
        ("a file's size", readers, lambda c: written(c.things["plan.pdf"], size=2_000_000)),
        ("a sealed file's title", proposers, lambda c: written(c.things["people.pdf"], title="Other people")),
        ("a sealed file is there", proposers, lambda c: erased(c.things["people.pdf"])),
    )  # fmt: skip


def _people(case: Case) -> Iterator[Fact]:
    """Who judges, what they said of themselves, and with whom they have conflicts."""
    yield from _make(
        case,
        ("a reviewer's keywords", RUN, lambda c: written(c.seats["quiet"], keywords=["ice"])),
        ("a reviewer's texts", RUN, lambda c: written(c.seats["quiet"], texts=["On ice."])),
        ("a reviewer's ORCID", RUN, lambda c: written(c.seats["quiet"], orcid="0000-0002-1825-0097")),
        ("a reviewer's ROR", RUN, lambda c: written(c.seats["quiet"], ror="https://ror.org/02mhbdp94")),
        ("a reviewer's kinds", RUN, lambda c: written(c.seats["quiet"], kinds=["engineer"])),
        ("a reviewer's languages", RUN, lambda c: written(c.seats["quiet"], languages=["zh"])),
        ("that a reviewer left", RUN, lambda c: written(c.seats["other quiet"], left_at=INSTANT, left_because="No time.")),
        ("a reviewer's funding", RUN, lambda c: written(c.seats["quiet"], funding=["A fund"])),
        ("a reviewer's load", RUN, lambda c: written(c.seats["quiet"], most=2)),
        ("an invited address", RUN, lambda c: written(c.things["invitation"], email="another@example.org")),
        ("an invitation declined", RUN, lambda c: written(c.things["invitation"], declined_at=INSTANT)),
        ("why an invitation was declined", RUN,
         lambda c: written(c.things["invitation"], declined_at=INSTANT, declined_because="No time.")),
        ("an invitation revoked", RUN, lambda c: written(c.things["invitation"], revoked_at=INSTANT)),
        ("what is said of an invited person", RUN, lambda c: written(c.things["invitation"], about={"keywords": ["ice"]})),
        ("a word to an invited person", RUN, lambda c: written(c.things["invitation"], note="Please do.")),
        ("a conflict's source", RUN, lambda c: written(c.things["conflict of conflicted"], source="office")),
        ("whether a conflict is certain", RUN, lambda c: written(c.things["conflict of conflicted"], certain=False)),
        ("a list of papers", RUN, lambda c: written(c.things["papers"], name="others.csv", rows=[["p2", 2025, []]])),
        ("who a team says should not judge", TEAM | OFFICE, lambda c: written(c.things["named"], words="A debt.")),
        ("that a team names somebody", TEAM | OFFICE, lambda c: erased(c.things["named"])),
        ("a conflict's evidence", RUN, lambda c: written(c.things["conflict of conflicted"], evidence="one office")),
        ("a conflict's ground", RUN, lambda c: written(c.things["conflict of conflicted"], ground="coauthor")),
        ("a chair's conflict", OFFICE, lambda c: written(c.things["conflict of conflicted chair"], evidence="a cousin")),
        ("another conflict is there", RUN, lambda c: erased(c.things["conflict of slow"])),
        ("a lifted conflict is there", RUN, lambda c: erased(c.things["lifted"])),
        ("why a conflict was lifted", RUN, lambda c: written(c.things["lifted"], lifted_because="no matter")),
        ("a bid", RUN, lambda c: written(c.seats["quiet"].declarations.get(item=c.items["xa"]), bid=-2)),
        ("a bid in the other panel", OFFICE, lambda c: written(c.seats["beta"].declarations.get(item=c.items["xb"]), bid=-2)),
    )  # fmt: skip


def _found_late(review: Any) -> None:
    LateFinding.objects.create(proposal=review.item.proposal, user=review.seat.user, source="detected", ground="mail")


def _reviews(case: Case, talking: bool) -> Iterator[Fact]:
    """What reviews say, who wrote them, and that they are there."""
    seen = SIT if talking else RUN
    own, referee = seen | {"assigned"}, seen | {"referee"}
    technical = OFFICE | {"technical"} | (SIT if talking else NOBODY)
    yield from _make(
        case,
        ("a mark", own, lambda c: _of_mark(c, "assigned xa", value_permille=1000)),
        ("why a mark", own, lambda c: _of_mark(c, "assigned xa", comment="Other reasons.")),
        ("a comment to the team", own, lambda c: written(c.reviews["assigned xa"], to_team="Otherwise.")),
        ("a confidential comment", own, lambda c: written(c.reviews["assigned xa"], confidential="Otherwise.")),
        ("how expert a reviewer is", own, lambda c: written(c.reviews["assigned xa"], expertise=3)),
        ("when it was submitted", own, lambda c: written(c.reviews["assigned xa"], submitted_at=INSTANT)),
        ("a referee's mark", referee, lambda c: _of_mark(c, "referee xa", value_permille=1000)),
        ("a referee's comment", referee, lambda c: written(c.reviews["referee xa"], to_team="Otherwise.")),
        ("who reviews", seen, lambda c: written(c.reviews["quiet xa"], seat=c.seats["other quiet"])),
        ("that a review is there", seen, lambda c: _gone(c.reviews["quiet xa"])),
        ("a draft's mark", NOBODY, lambda c: _of_mark(c, "slow xa", value_permille=9000)),
        ("a draft's comment", NOBODY, lambda c: written(c.reviews["slow xa"], to_team="Otherwise.")),
        ("that a review is begun", RUN, lambda c: _unbegun(c.reviews["slow xa"])),
        ("when a draft was saved", RUN, lambda c: written(c.reviews["slow xa"], saved_at=INSTANT)),
        ("that a review is due", RUN, lambda c: _gone(c.reviews["slow xa"])),
        ("why somebody recused", RUN, lambda c: written(c.reviews["gone xa"], ended_because="no time")),
        ("that somebody recused", RUN, lambda c: erased(c.reviews["gone xa"])),
        ("a technical mark", technical, lambda c: _of_mark(c, "technical xt", value_permille=1000)),
        ("a technical verdict", technical, lambda c: written(c.reviews["technical xt"], verdict="infeasible")),
        ("a technical comment", technical, lambda c: written(c.reviews["technical xt"], to_team="Otherwise.")),
        ("a technical confidence", OFFICE | {"technical"}, lambda c: written(c.reviews["technical xt"], confidential="Otherwise.")),
        ("a mark of the other panel", OFFICE, lambda c: _of_mark(c, "beta xb", value_permille=1000)),
        ("a comment of the other panel", OFFICE, lambda c: written(c.reviews["beta xb"], to_team="Otherwise.")),
        ("that the other panel has a review", OFFICE, lambda c: _gone(c.reviews["beta xb"])),
        ("a mark of another team's", SIT | {"conflicted"} if talking else RUN | {"assigned"},
         lambda c: _of_mark(c, "assigned ya", value_permille=1000)),
        ("a reminder", RUN, lambda c: erased(c.things["reminder"])),
        ("what an assignment was asked for", RUN, lambda c: written(c.things["allocation"], asked=Asked(Aim.FLOOR).kept())),
        ("a proposed assignment", RUN, lambda c: written(c.things["allocation"], done=50)),
        ("a conflict of a review that goes on", OFFICE | {"secretary"}, lambda c: _found_late(c.reviews["quiet xa"])),
    )  # fmt: skip


def _gone(review: Any) -> None:
    for mark in review.marks.all():
        erased(mark)
    erased(review)


def _unbegun(review: Any) -> None:
    for mark in review.marks.all():
        erased(mark)
    written(review, state="assigned", to_team="")


def _meeting(case: Case, talking: bool) -> Iterator[Fact]:
    """What the panel said and agreed on."""
    seen = SIT if talking else RUN
    yield from _make(
        case,
        ("a remark", seen, lambda c: written(c.things["remark"], text="Let us not.")),
        ("who said a remark", seen, lambda c: written(c.things["remark"], by=c.seats["secretary"].user)),
        ("that it is not discussed", seen, lambda c: written(c.items["xa"], state="waiting", left_out_because="Agreed already.")),
        ("that a remark is there", seen, lambda c: erased(c.things["remark"])),
        ("a consensus", seen, lambda c: written(c.items["xa"], consensus="We do not.")),
        ("the panel's word to the team", seen, lambda c: written(c.items["xa"], to_team="Otherwise.")),
        ("the panel's confidence", seen, lambda c: written(c.items["xa"], confidential="Otherwise.")),
        ("the place on the agenda", seen, lambda c: written(c.items["xa"], position=500)),
        ("that it is discussed now", seen, lambda c: written(c.items["xa"], state="open", opened_at=INSTANT, left_out_because="")),
        ("that it was discussed", seen | {"assigned", "referee"},
         lambda c: written(c.items["xa"], state="closed", closed_at=INSTANT, left_out_because="")),
        ("the other panel's consensus", OFFICE, lambda c: written(c.items["xb"], consensus="We do not.")),
        ("the other panel discusses it", OFFICE, lambda c: written(c.items["xb"], state="open", opened_at=INSTANT, left_out_because="")),
    )  # fmt: skip


def _scores(case: Case) -> Iterator[Fact]:
    """Scores are the office's until the decision is published; then a team sees its own."""
    told = OFFICE | TEAM if case.call.state == "decided" else OFFICE
    yield from _make(
        case,
        ("a score that counts", told, lambda c: written(c.things["score"], value_permille=1000)),
        ("a score's comment", told, lambda c: written(c.things["score"], comment="Otherwise.")),
        ("a score's reviewer", OFFICE, lambda c: written(c.things["score"], reviewer="R-999")),
        ("another team's score", told - TEAM, lambda c: written(c.things["score z"], value_permille=1000)),
        ("a score table's name", OFFICE, lambda c: written(c.things["table"], name="others.csv")),
        ("a calibrated merit", told,
         lambda c: written(c.things["calibration"], merits=dict.fromkeys(c.things["calibration"].codes, "12.3456"))),
        ("why a comment is withheld", RUN, lambda c: written(c.things["withheld"], reason="Otherwise.")),
        ("that a comment is withheld", RUN, lambda c: erased(c.things["withheld"])),
        ("why a proposal is set aside", TEAM | RUN, lambda c: written(c.things["aside"], because="Otherwise.")),
    )  # fmt: skip


def _decision(case: Case) -> Iterator[Fact]:
    """What is not published yet is the office's."""
    yield from _make(
        case,
        ("an outcome", OFFICE, lambda c: written(c.things["outcome"], kind="reserve", reserve_rank=1)),
        ("an outcome's merit", OFFICE, lambda c: written(c.things["outcome"], merit=900_000)),
        ("an outcome's note", OFFICE, lambda c: written(c.things["outcome"], note="Otherwise.")),
        ("the decision's note", OFFICE, lambda c: written(c.things["decision"], note="Otherwise.")),
        ("why the office forces", OFFICE, lambda c: written(c.things["override"], reason="Otherwise.")),
        ("that the office forces", OFFICE, lambda c: erased(c.things["override"])),
        ("that a decision is drafted", OFFICE, _undrafted),
    )  # fmt: skip


def _told(case: Case) -> Iterator[Fact]:
    """What a team is told is its own, and those may read it who ran its review."""
    yield from _make(
        case,
        ("what a team was told", TEAM | RUN,
         lambda c: written(c.things["debrief"], content=c.things["debrief"].content | {"withheld": 7})),
        ("what another team was told", RUN,
         lambda c: written(c.things["debrief z"], content=c.things["debrief z"].content | {"withheld": 7})),
        ("the word to a team", TEAM | OFFICE, lambda c: written(c.things["outcome"], note="Otherwise.")),
        ("why the office forces", EVERYBODY, lambda c: written(c.things["override"], reason="Otherwise.")),
        ("that the office forces", EVERYBODY, lambda c: erased(c.things["override"])),
    )  # fmt: skip


def _undrafted(case: Case) -> None:
    for key in ("x", "y", "z"):
        erased(case.things[f"outcome {key}"])
    erased(case.things["decision"])
