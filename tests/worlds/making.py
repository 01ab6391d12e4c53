"""One world with a review in each of its states, and a person for each role: the ground on which two worlds are compared.

Each call has three proposals. ``x`` is the one around which things are hidden: its lead and editor, those who judge it, and three
people who must never meet it: a reviewer, a chair and an officer, all in conflict. ``y`` is another team's, ``z`` somebody else's.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pgtrigger
from django.core.files.base import ContentFile

import builders
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.models import (
    Attachment,
    Explanation,
    Invitation,
    Mode,
    NamedConflict,
    Proposal,
    Relation,
    TeamMember,
    TeamRole,
)
from moonbridge.cooperation.review import debriefing
from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.models import (
    Allocation,
    Bid,
    Calibration,
    Conflict,
    Debrief,
    Declaration,
    Duty,
    Ground,
    Item,
    KnownList,
    LateFinding,
    Mark,
    Panel,
    PanelKind,
    RefereeInvitation,
    Remark,
    Reminder,
    Review,
    Round,
    Score,
    ScoreTable,
    Seat,
    SetAside,
    Source,
    Verdict,
    Withholding,
)
from moonbridge.cooperation.review.reminding import What, by_hand
from moonbridge.cooperation.review.states import AllocationState, ItemState, ReviewState, RoundState
from moonbridge.cooperation.selection.models import Decision, Outcome, Override, Statement, StatementMember
from moonbridge.record.queries import database_now

STRANGER = "stranger"
TEAM = frozenset({"lead", "editor"})
ROLES = (
    "lead", "editor", "other team", "assigned", "unassigned", "conflicted", "conflicted chair", "chair", "secretary", "technical",
    "referee", "observer", "office", "conflicted office", STRANGER,
)  # fmt: skip
EXTRAS = ("slow", "quiet", "other quiet", "beta", "gone", "third")
"""People who fill places and are nobody's eyes."""


@dataclass
class Case:
    """One call under review, with handles to everything in it that a test changes or asks for."""

    name: str
    call: Opportunity
    round: Round
    proposals: dict[str, Proposal] = field(default_factory=dict)
    panels: dict[str, Panel] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    @property
    def talking(self) -> bool:
        """Whether the panels' members see each other's reviews."""
        return self.round.state in {RoundState.DISCUSSING, RoundState.CHECKING, RoundState.CONCLUDED}

    def panel_of(self, key: Any) -> Any:
        """The id of the panel before which an item is, or for which a review is given."""
        items = {item.pk: item.panel_id for item in self.items.values()}
        return items.get(key) or next(r.item.panel_id for r in self.reviews.values() if r.pk == key)


@dataclass
class World:
    """The people by role, and the cases by name."""

    people: dict[str, User | None]
    cases: dict[str, Case]


def build() -> World:
    """Return a world with a call in each situation that hides different things."""
    agency = builders.agency()
    people: dict[str, User | None] = {name: builders.person(f"Person {name}") for name in (*ROLES, *EXTRAS)}
    people[STRANGER] = None
    for name in ("office", "conflicted office"):
        builders.role(builders.RoleKind.OFFICE, builders.Scope.AGENCY, agency, people[name])
    cases = {
        "declaring": _case("declaring", agency, people, RoundState.DECLARING, "reviewer-blind"),
        "reviewing": _case("reviewing", agency, people, RoundState.REVIEWING, "reviewer-blind"),
        "talking": _case("talking", agency, people, RoundState.DISCUSSING, "reviewer-blind"),
        "dual": _case("dual", agency, people, RoundState.DISCUSSING, "dual-anonymous"),
        "concluded": _case("concluded", agency, people, RoundState.CONCLUDED, "reviewer-blind"),
        "told": _case("told", agency, people, RoundState.CONCLUDED, "reviewer-blind"),
    }
    for name in ("concluded", "told"):
        _scores(cases[name], people)
        _decision(cases[name], people)
    _debriefed(cases["told"], people)
    return World(people, cases)


def _case(name: str, agency: Any, people: dict[str, Any], state: RoundState, mode: str) -> Case:
    call = builders.open_opportunity(agency, review_mode=mode, origin=Origin.SYNTHETIC)
    proposals = {
        "x": builders.submitted_proposal(call, people["lead"], code=f"P-{name[:3].upper()}X", expertise="We built one before."),
        "y": builders.submitted_proposal(call, people["other team"], code=f"P-{name[:3].upper()}Y"),
        "z": builders.submitted_proposal(call, people["third"], code=f"P-{name[:3].upper()}Z"),
    }  # fmt: skip
    TeamMember.objects.create(proposal=proposals["x"], user=people["editor"], role=TeamRole.EDITOR)
    Opportunity.objects.filter(pk=call.pk).update(state=State.CLOSED)
    call.refresh_from_db()
    concluded = database_now() if state == RoundState.CONCLUDED else None
    held = Round.objects.create(
        opportunity=call, mode=mode, state=state, begun_by=people["office"], concluded_at=concluded
    )
    case = Case(name, call, held, proposals)
    _said(case, people["lead"])
    _attachments(case, people["lead"])
    _panels(case)
    _seats(case, people)
    _conflicts(case, people)
    if state != RoundState.DECLARING:
        _reviews(case, people)
        _meeting(case, people)
    return case


def _said(case: Case, lead: User) -> None:
    """What x says beside its texts, and whom its lead invites."""
    x = case.proposals["x"]
    case.things["mode"] = Mode.objects.create(option=x.options.get(), name="Slow", power_mw=3_000)
    case.things["relation"] = Relation.objects.create(proposal=x, kind="interferes", named="A loud instrument")
    case.things["team invitation"] = Invitation.objects.create(
        proposal=x, email="mate@example.org", secret_sha256=f"team {case.name}".ljust(64, "0"), invited_by=lead,
        expires_at=database_now() + timedelta(days=30),
    )  # fmt: skip


def _attachments(case: Case, lead: User) -> None:
    for name, sealed in (("plan.pdf", False), ("people.pdf", True)):
        case.things[name] = Attachment.objects.create(
            proposal=case.proposals["x"], title=f"The {name}", sealed=sealed, file=ContentFile(name.encode(), name), name=name,
            media_type="application/pdf", size=1000, sha256="0" * 64, added_by=lead,
        )  # fmt: skip


def _panels(case: Case) -> None:
    for key, kind, number in (("a", PanelKind.SCIENCE, 0), ("b", PanelKind.SCIENCE, 1), ("t", PanelKind.TECHNICAL, 2)):
        panel = Panel.objects.create(round=case.round, kind=kind, name=f"Panel {key}", position=number, demand=1)
        panel.criteria.set(case.call.criteria.all())
        case.panels[key] = panel
    for panel_key, proposal in (("a", "x"), ("a", "y"), ("a", "z"), ("b", "x"), ("b", "y"), ("t", "x")):
        case.items[proposal + panel_key] = Item.objects.create(
            panel=case.panels[panel_key], proposal=case.proposals[proposal], position=ord(proposal)
        )


def _seats(case: Case, people: dict[str, Any]) -> None:
    places = [
        ("a", "chair", Duty.CHAIR), ("a", "secretary", Duty.SECRETARY), ("a", "assigned", Duty.MEMBER), ("a", "unassigned", Duty.MEMBER),
        ("a", "conflicted", Duty.MEMBER), ("a", "referee", Duty.REFEREE), ("a", "observer", Duty.OBSERVER), ("a", "slow", Duty.MEMBER),
        ("a", "quiet", Duty.MEMBER), ("a", "other quiet", Duty.MEMBER), ("a", "gone", Duty.MEMBER), ("b", "conflicted chair", Duty.CHAIR),
        ("b", "beta", Duty.MEMBER), ("t", "technical", Duty.MEMBER),
    ]  # fmt: skip
    for number, (panel, name, duty) in enumerate(places):
        case.seats[name] = seat = Seat.objects.create(
            panel=case.panels[panel], user=people[name], duty=duty, label=f"R-{number:03}", keywords=["dust"]
        )
        hidden = {"conflicted", "conflicted chair"}
        for item in Item.objects.filter(panel=seat.panel):
            if name not in hidden or item.proposal_id != case.proposals["x"].pk:
                Declaration.objects.create(seat=seat, item=item, bid=Bid.WILLING)


def _conflicts(case: Case, people: dict[str, Any]) -> None:
    x, z = case.proposals["x"], case.proposals["z"]
    for name, proposal in (("conflicted", x), ("conflicted chair", x), ("conflicted office", x), ("slow", z)):
        case.things[f"conflict of {name}"] = Conflict.objects.create(
            proposal=proposal, user=people[name], source=Source.DETECTED, ground=Ground.INSTITUTION, evidence="one institute"
        )  # fmt: skip
    case.things["lifted"] = Conflict.objects.create(
        proposal=x, user=people["quiet"], source=Source.DETECTED, ground=Ground.NAME, evidence="close names", standing=False,
        lifted_by=people["office"], lifted_at=database_now(), lifted_because="two people",
    )  # fmt: skip
    case.things["invitation"] = RefereeInvitation.objects.create(
        panel=case.panels["a"], email="somebody@example.org", secret_sha256=case.name.ljust(64, "0"),
        invited_by=people["office"], expires_at=database_now() + timedelta(days=30),
    )  # fmt: skip
    case.things["invitation"].proposals.set([x])
    case.things["papers"] = KnownList.objects.create(
        round=case.round, kind="papers", name="papers.csv", rows=[["p1", 2025, []]], uploaded_by=people["office"]
    )
    case.things["named"] = NamedConflict.objects.create(
        proposal=x, name="A. Rival", tie="rival", words="The same idea.", named_by=people["lead"]
    )
    case.things["explanation"] = Explanation.objects.create(
        proposal=x, key="k", where="abstract", excerpt="our institute", reason="There are many.", by=people["lead"]
    )


def _reviews(case: Case, people: dict[str, Any]) -> None:
    given = [
        ("xa", "assigned", 7), ("ya", "assigned", 5), ("xa", "referee", 6), ("xa", "quiet", 8), ("za", "unassigned", 4),
        ("ya", "conflicted", 3), ("xb", "beta", 9), ("yb", "beta", 2), ("xt", "technical", 5),
    ]  # fmt: skip
    for item, name, value in given:
        case.reviews[f"{name} {item}"] = _submitted(case, item, name, value)
    slow = Review.objects.create(
        item=case.items["xa"], seat=case.seats["slow"], state=ReviewState.DRAFT, to_team="so far"
    )
    Mark.objects.create(review=slow, criterion=case.call.criteria.get(), value_permille=1000, comment="so far")
    gone = Review.objects.create(item=case.items["xa"], seat=case.seats["gone"])
    Review.objects.filter(pk=gone.pk).update(state=ReviewState.RECUSED, ended_because="too close")
    case.reviews |= {"slow xa": slow, "gone xa": gone}
    case.things["allocation"] = Allocation.objects.create(
        panel=case.panels["a"], asked=Asked(Aim.TOTAL).kept(), state=AllocationState.RUNNING, made_by=people["office"]
    )
    case.things["allocation"].items.set(Item.objects.filter(panel=case.panels["a"]))
    for name, source, ground in (
        ("late finding", Source.DETECTED, Ground.MAIL),
        ("late word of the team", Source.TEAM, Ground.RIVAL),
    ):
        case.things[name] = LateFinding.objects.create(
            proposal=case.proposals["x"], user=people["quiet"], source=source, ground=ground
        )
    case.things["reminder"] = Reminder.objects.create(
        seat=case.seats["slow"], what=by_hand(What.REVIEWS, database_now())
    )


def _submitted(case: Case, item: str, name: str, value: int) -> Review:
    verdict = Verdict.FEASIBLE if item.endswith("t") else ""
    review = Review.objects.create(
        item=case.items[item], seat=case.seats[name], state=ReviewState.DRAFT, to_team=f"To the team by {name}.",
        confidential=f"Between us by {name}.", expertise=2, verdict=verdict,
    )  # fmt: skip
    Mark.objects.create(
        review=review, criterion=case.call.criteria.get(), value_permille=value * 1000, comment=f"Why, by {name}."
    )
    Review.objects.filter(pk=review.pk).update(state=ReviewState.SUBMITTED, submitted_at=database_now())
    return review


def _meeting(case: Case, people: dict[str, Any]) -> None:
    """What the panels say of x and y so far; where they talk, x is being discussed."""
    for key in ("xa", "xb", "ya"):
        Item.objects.filter(pk=case.items[key].pk).update(
            consensus=f"We agree on {key}.",
            to_team=f"The panel to the team of {key}.",
            confidential=f"Not for the team, {key}.",
        )
    case.things["remark"] = Remark.objects.create(item=case.items["xa"], by=people["chair"], text="Let us look closer.")
    if case.name == "talking":
        Item.objects.filter(pk=case.items["xa"].pk).update(state=ItemState.OPEN, opened_at=database_now())


def _scores(case: Case, people: dict[str, Any]) -> None:
    """A score table that the panels handed over and that counts, and a comment that the office withholds."""
    table = ScoreTable.objects.create(
        opportunity=case.call, number=1, name="panels", sha256="0" * 64, rows=1, uploaded_by=people["office"]
    )
    for key, proposal in case.proposals.items():
        case.things[f"score {key}"] = Score.objects.create(
            table=table, proposal=proposal, criterion=case.call.criteria.get(), reviewer="R-002", value_permille=7000,
            comment="Well argued.",
        )  # fmt: skip
    codes = sorted(proposal.code for proposal in case.proposals.values())
    covariance = [["1" if row == column else "0" for column in codes] for row in codes]
    case.things["calibration"] = Calibration.objects.create(
        table=table, counts=True, codes=codes, merits=dict.fromkeys(codes, "70.0000"), means=dict.fromkeys(codes, "71.0000"),
        covariance=covariance, facts={},
    )  # fmt: skip
    case.things |= {"table": table, "score": case.things["score x"]}
    case.things["withheld"] = Withholding.objects.create(
        review=case.reviews["quiet xa"], reason="It names a person.", by=people["office"]
    )
    case.things["aside"] = SetAside.objects.create(
        panel=case.panels["a"], proposal=case.proposals["x"], because="No reviews came.", by=people["office"]
    )


def _decision(case: Case, people: dict[str, Any]) -> None:
    """A decision that is drafted and not published."""
    decision = Decision.objects.create(opportunity=case.call, drafted_by=people["office"], note="Thank you.")
    case.things["decision"] = decision
    case.things["override"] = Override.objects.create(
        opportunity=case.call, proposal=case.proposals["x"], inside=True, reason="A promise.", by=people["office"]
    )
    stated = Statement.objects.create(
        opportunity=case.call, kind="at-most", number=1, reason="They share a mast.", by=people["office"]
    )
    for key in "xy":
        made = StatementMember.objects.create(statement=stated, proposal=case.proposals[key])
    case.things |= {"statement": stated, "member of a statement": made}
    for key, proposal in case.proposals.items():
        case.things[f"outcome {key}"] = Outcome.objects.create(
            decision=decision, proposal=proposal, kind="declined", merit=700_000, note="Try again."
        )
    case.things["outcome"] = case.things["outcome x"]


def _debriefed(case: Case, people: dict[str, Any]) -> None:
    """Publish the decision as it is, and tell the teams."""
    with pgtrigger.ignore():
        Decision.objects.filter(opportunity=case.call).update(state="published", published_at=database_now())
    Opportunity.objects.filter(pk=case.call.pk).update(state=State.DECIDED)
    case.call.refresh_from_db()
    for key, proposal in case.proposals.items():
        items = list(proposal.items.select_related("panel"))
        reviews = Review.objects.filter(item__in=items, state=ReviewState.SUBMITTED).select_related("seat__user")
        told = debriefing.content(case.round.mode, items, reviews.prefetch_related("marks__criterion"))
        made = Debrief.objects.create(proposal=proposal, content=told, released_by=people["office"])
        case.things[f"debrief {key}"] = made
    case.things["debrief"] = case.things["debrief x"]
