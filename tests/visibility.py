"""Who may open which address: one verdict for every route. A route without one fails the tests.

The world below holds something hidden in every corner, each marked with a word of its own (``hidden-...``), so that a page
which lets one slip is caught whatever it was meant to show.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver

import builders
from cooperation.samples import lending
from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.cooperation.opportunities.models import Follow, Opportunity, Question
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.programmes.actions import load_catalogue
from moonbridge.cooperation.proposals.models import Proposal, TeamMember, TeamRole
from moonbridge.cooperation.review.actions.referees import digest_of, secret_of
from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.models import (
    Allocation,
    Conflict,
    Declaration,
    Duty,
    Ground,
    Item,
    Panel,
    PanelKind,
    Preview,
    RefereeInvitation,
    Review,
    Round,
    Score,
    ScoreTable,
    Search,
    Seat,
    Source,
)
from moonbridge.cooperation.review.states import ReviewState, RoundState
from moonbridge.cooperation.samples.actions import booking, changing, incidents, keeping, reweighing
from moonbridge.formats import catalogue
from moonbridge.ledger.models import Movement
from moonbridge.record.queries import database_now

STRANGER = "stranger"
TEAM = frozenset({"lead", "editor", "reader"})
RIVALS = frozenset({"rival"})
OFFICE = frozenset({"office"})
SEATED = frozenset({
    "chair", "secretary", "reviewer", "member", "conflicted", "referee", "observer", "technical", "conflicted chair",
})  # fmt: skip
"""Who sits in a panel of the closed call: "reviewer" and "referee" owe a review of both proposals, "conflicted" of ours alone, being in
the rival's team; "member" owes none; "technical" sits in the other panel, whose "conflicted chair" has a conflict with the rival."""
SCIENCE = SEATED - {"technical", "conflicted chair"}
"""Who sits in the science panel."""
REVIEWER = frozenset({"reviewer"})
MANAGERS = OFFICE | {"chair", "secretary"}
"""Who runs the science panel."""
STEERERS = OFFICE | {"secretary"}
"""Who assigns its reviews and settles conflicts."""
SITTING = MANAGERS | {"reviewer", "member", "conflicted"}
"""Who sits in the science panel, and its office."""
SIGNED_IN = TEAM | RIVALS | OFFICE | SEATED | {"newcomer", "other office", "curator", "auditor"}
EVERYBODY = SIGNED_IN | {STRANGER}
NOBODY: frozenset[str] = frozenset()
CURATOR = frozenset({"curator"})
OFFICERS = OFFICE | CURATOR
"""Who acts for the agency where samples are concerned."""
LENDERS = OFFICERS | {"auditor"}
"""Who reads everything about its loans."""

type Arguments = dict[str, Any]


@dataclass
class World:
    """Two agencies; calls in draft, open and closed; a team and its rival; people with every role and with none."""

    people: dict[str, User | None] = field(default_factory=dict)
    calls: dict[str, Opportunity] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    secrets: dict[str, frozenset[str]] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def hide(self, what: str, *, seen_by: frozenset[str]) -> str:
        """Return a marked word that only these may ever meet."""
        word = f"hidden-{what}"
        self.secrets[word] = seen_by
        return word


@cache
def _catalogue() -> catalogue.Catalogue:
    """Return the catalogue, read once for all worlds."""
    return catalogue.load()


def build() -> World:
    load_catalogue(_catalogue())
    world, agency, other = World(), builders.agency(), builders.agency()
    world.things["agency"] = agency
    world.people = {name: builders.person(f"Person {name}") for name in sorted(SIGNED_IN)} | {STRANGER: None}
    for name, kind, host in [
        ("office", RoleKind.OFFICE, agency), ("other office", RoleKind.OFFICE, other),
        ("curator", RoleKind.CURATOR, agency), ("auditor", RoleKind.AUDITOR, agency),
    ]:  # fmt: skip
        builders.role(kind, Scope.AGENCY, host, world.people[name])
    _calls(world)
    _proposals(world)
    _questions_and_followers(world)
    _scores(world)
    _review(world)
    _samples(world)
    _studies(world)
    return world


def _calls(world: World) -> None:
    agency = world.things["agency"]
    world.calls = {
        "draft": builders.opportunity(agency, title=world.hide("draft-call", seen_by=OFFICE)),
        "open": builders.open_opportunity(agency),
        "closed": builders.open_opportunity(agency),
    }


def _proposals(world: World) -> None:
    for call, seen_by in [("open", NOBODY), ("closed", OFFICE)]:
        judges = SEATED if call == "closed" else NOBODY
        ours = world.hide(f"ours-{call}", seen_by=TEAM | seen_by | judges)
        rival = world.hide(f"rival-{call}", seen_by=RIVALS | seen_by | judges - {"conflicted chair"} | {"conflicted"})
        world.proposals[f"ours {call}"] = _submitted(world, call, "lead", ours)
        world.proposals[f"rival {call}"] = _submitted(world, call, "rival", rival)
        members = TeamMember.objects
        members.create(proposal=world.proposals[f"ours {call}"], user=world.people["editor"], role=TeamRole.EDITOR)
        members.create(proposal=world.proposals[f"ours {call}"], user=world.people["reader"], role=TeamRole.READER)
        members.create(proposal=world.proposals[f"rival {call}"], user=world.people["conflicted"], role=TeamRole.READER)
    draft = world.hide("draft-proposal", seen_by=TEAM)
    world.proposals["ours draft"] = builders.proposal(
        world.calls["open"], world.people["lead"], title=draft, abstract=draft
    )
    for name in ("editor", "reader"):
        TeamMember.objects.create(proposal=world.proposals["ours draft"], user=world.people[name], role=TeamRole(name))
    closed = world.calls["closed"]
    Opportunity.objects.filter(pk=closed.pk).update(state=State.CLOSED)
    closed.refresh_from_db()


def _submitted(world: World, call: str, lead: str, word: str) -> Proposal:
    return builders.submitted_proposal(world.calls[call], world.people[lead], title=word, abstract=word)


def _questions_and_followers(world: World) -> None:
    call = world.calls["open"]
    asked = world.hide("question", seen_by=OFFICE | {"rival"})
    world.things["question"] = Question.objects.create(opportunity=call, asked_by=world.people["rival"], text=asked)
    follower = world.hide("follower", seen_by=NOBODY)
    world.things["follow"] = Follow.objects.create(
        opportunity=call, email=f"{follower}@example.org", confirmed_at=database_now() - timedelta(hours=1)
    )


def _scores(world: World) -> None:
    call, office = world.calls["closed"], world.people["office"]
    table = ScoreTable.objects.create(
        opportunity=call, number=1, name="scores.csv", sha256="0" * 64, rows=2, uploaded_by=office
    )
    for name in ("ours closed", "rival closed"):
        comment = world.hide(f"comment-{name.replace(' ', '-')}", seen_by=OFFICE)
        Score.objects.create(
            table=table, proposal=world.proposals[name], criterion=call.criteria.get(), reviewer="R1", value_permille=7123,
            comment=comment,
        )  # fmt: skip


def _review(world: World) -> None:
    """A science and a technical panel for the closed call while reviews are written; everybody seated has declared no conflict.

    ``things``: round, panel, "technical panel", items "item ours" and "item rival" of the science panel, "technical item ours"
    and "technical item rival", "seat <person>", and reviews: "review reviewer ours" (submitted), "review reviewer rival" (begun),
    "review referee ours", "review referee rival" and "review conflicted ours" (assigned), "review technical ours" and its rival.
    What these say is hidden from everybody until a page shows it: whoever adds that page says there who may meet it.
    """
    call, office, things = world.calls["closed"], world.people["office"], world.things
    round_ = Round.objects.create(opportunity=call, mode=call.review_mode, state=RoundState.REVIEWING, begun_by=office)
    things["round"] = round_
    things["panel"] = Panel.objects.create(round=round_, name="Science panel")
    things["technical panel"] = Panel.objects.create(round=round_, name="Engineers", kind=PanelKind.TECHNICAL)
    things["panel"].criteria.set(call.criteria.all())
    for name in ("ours", "rival"):
        proposal = world.proposals[f"{name} closed"]
        things[f"item {name}"] = Item.objects.create(panel=things["panel"], proposal=proposal)
        things[f"technical item {name}"] = Item.objects.create(panel=things["technical panel"], proposal=proposal)
    _seats(world)
    _reviews(world)
    _assignment(world)
    _invited(world)
    _teams_that_review_each_other(world)


def _seats(world: World) -> None:
    duties = {"chair": Duty.CHAIR, "secretary": Duty.SECRETARY, "referee": Duty.REFEREE, "observer": Duty.OBSERVER}
    for name in sorted(SEATED):
        panel = "technical panel" if name in {"technical", "conflicted chair"} else "panel"
        duty = Duty.CHAIR if name == "conflicted chair" else duties.get(name, Duty.MEMBER)
        label = f"R-{name.upper().replace(' ', '-')}"
        seat = Seat.objects.create(panel=world.things[panel], user=world.people[name], duty=duty, label=label)
        world.things[f"seat {name}"] = seat
        for item in Item.objects.filter(panel=seat.panel):
            Declaration.objects.create(seat=seat, item=item)
    evidence = world.hide("conflict-evidence", seen_by=OFFICE)
    world.things["conflict"] = Conflict.objects.create(
        proposal=world.proposals["rival closed"], user=world.people["conflicted chair"], source=Source.OFFICE,
        ground=Ground.RIVAL, evidence=evidence, found_by=world.people["office"],
    )  # fmt: skip


def _assignment(world: World) -> None:
    """One of both items of the science panel that is being worked out, and a calibration of its round."""
    reason = world.hide("assignment", seen_by=MANAGERS)
    made = world.things["allocation"] = Allocation.objects.create(
        panel=world.things["panel"], asked=Asked(Aim.TOTAL, reason=reason).kept(), made_by=world.people["office"]
    )  # fmt: skip
    made.items.set([world.things["item ours"], world.things["item rival"]])
    Preview.objects.create(round=world.things["panel"].round, digest="0" * 64, asked_by=world.people["office"])
    Search.objects.create(round=world.things["panel"].round, by=world.people["office"])


def _invited(world: World) -> None:
    """The newcomer is asked to judge ours."""
    key, newcomer = uuid4(), world.people["newcomer"]
    made = world.things["referee invitation"] = RefereeInvitation.objects.create(
        id=key, panel=world.things["panel"], email=newcomer.email, secret_sha256=digest_of(secret_of(key)),
        invited_by=world.people["office"], expires_at=database_now() + timedelta(days=1),
        note=world.hide("invitation", seen_by=OFFICE | {"newcomer"}),
    )  # fmt: skip
    made.proposals.add(world.proposals["ours closed"])


def _teams_that_review_each_other(world: World) -> None:
    """A third panel, before which ours is alone; the lead is its peer."""
    panel = Panel.objects.create(round=world.things["round"], name="Teams", distributed=True, penalty=True, position=2)
    world.things["distributed panel"] = panel
    ours = world.proposals["ours closed"]
    Item.objects.create(panel=panel, proposal=ours)
    Seat.objects.create(panel=panel, user=world.people["lead"], duty=Duty.PEER, label="R-PEER", for_team=ours)


def _reviews(world: World) -> None:
    things, states = world.things, {"reviewer ours": ReviewState.SUBMITTED, "reviewer rival": ReviewState.DRAFT}
    owed = [
        ("reviewer", "ours"),
        ("reviewer", "rival"),
        ("referee", "ours"),
        ("referee", "rival"),
        ("conflicted", "ours"),
    ]
    for person, name in owed:
        key = f"{person} {name}"
        state = states.get(key, ReviewState.ASSIGNED)
        readers = frozenset({person}) | (MANAGERS if states.get(key) == ReviewState.SUBMITTED else NOBODY)
        words = world.hide(f"review-{person}-{name}", seen_by=readers) if key in states else ""
        things[f"review {key}"] = _review_of(world, f"item {name}", person, state, words)
    for name in ("ours", "rival"):
        readers = OFFICE | {"technical"} | ({"conflicted chair"} if name == "ours" else NOBODY)
        words = world.hide(f"feasibility-{name}", seen_by=readers)
        made = _review_of(world, f"technical item {name}", "technical", ReviewState.SUBMITTED, words)
        things[f"review technical {name}"] = made


def _review_of(world: World, item: str, person: str, state: ReviewState, words: str) -> Review:
    submitted_at = database_now() if state == ReviewState.SUBMITTED else None
    return Review.objects.create(
        item=world.things[item], seat=world.things[f"seat {person}"], state=state, to_team=words, confidential=words,
        submitted_at=submitted_at,
    )  # fmt: skip


def _studies(world: World) -> None:
    """A study of the lead's that is at work; its progress says nothing of its name, its page does."""
    name = world.hide("study", seen_by=frozenset({"lead"}))
    world.things["study"] = builders.site_study(world.people["lead"], name=name)


def _samples(world: World) -> None:
    """A loan of the lead's, a request of the rival's, and a draft of the rival's."""
    house, lead, rival = lending.House(world.things["agency"]), world.people["lead"], world.people["rival"]
    for person in (lead, rival):
        User.objects.filter(pk=person.pk).update(institution=f"Institute of {person.name}", country="KR")
        person.refresh_from_db()
    loan, asked = lending.on_loan(house, by=lead), lending.asked(house, lending.powder(house), by=rival)
    draft = lending.begun(house, by=rival)
    world.things |= {
        "loan": loan,
        "request": asked,
        "draft request": draft,
        "piece": house.powder,
        "granted": loan.request,
    }
    lost = incidents.report_missing(
        lending.first(loan), 10**6, what=world.hide("incident", seen_by=LENDERS | {"lead"}), by=lead, command=uuid4()
    )
    world.things["incident"] = lost
    changing.ask_extension(
        loan, loan.ends_on + timedelta(days=1), reason=world.hide("more-time", seen_by=LENDERS | {"lead"}), by=lead,
        command=uuid4(),
    )  # fmt: skip
    reason = world.hide("transfer", seen_by=frozenset({"lead", "rival"}))
    changing.ask_transfer(lending.first(loan), rival, institution="x", reason=reason, by=lead, command=uuid4())
    world.things |= {"picture": lending.pictured(house), "publication": lending.published(house)}
    weighed = keeping.Weighed(299 * lending.MG, lending.SIGMA)
    world.things["weighing"] = reweighing.weigh_anew(house.clast, weighed, by=house.curator, command=uuid4())
    reason = world.hide("booking", seen_by=LENDERS)
    world.things["booking"] = booking.cede(
        house.powder, lending.MG, receiver="A country", reason=reason, by=house.curator, command=uuid4()
    )
    for thing, seen_by in [("loan", LENDERS | {"lead"}), ("request", LENDERS | RIVALS), ("draft request", RIVALS)]:
        row = world.things[thing]
        type(row).objects.filter(pk=row.pk).update(title=world.hide(thing.replace(" ", "-"), seen_by=seen_by))


def known_to_the_api(world: World) -> dict[str, list[Arguments]]:
    """Return the parameters of the API's addresses, by the first word of an address, for everything that the world has."""
    things, calls = world.things, world.calls
    return {
        "opportunities": [{"slug": call.slug} for call in calls.values()],
        "proposals": [{"key": proposal.pk, "number": 1} for proposal in world.proposals.values()],
        "reviews": [{"key": thing.pk} for thing in things.values() if isinstance(thing, Review)],
        "panels": [
            {"key": things[f"{kind}panel"].pk, "item": things[f"{kind}item {name}"].pk}
            for kind in ("", "technical ")
            for name in ("ours", "rival")
        ],
        "assignments": [{"key": things["allocation"].pk}],
        "loans": [{"code": things["loan"].code}],
        "pieces": [{"key": things["piece"].pk}],
        "weighings": [{"key": things["weighing"].pk}],
        "sample-bookings": [{"key": things["booking"].pk}],
        "sample-requests": [{"key": things[name].pk} for name in ("request", "draft request", "granted")],
        "sample-incidents": [{"key": things["incident"].pk}],
        "holdings": [{"slug": things["piece"].collection.slug}],
        "programmes": [{"slug": "clep"}],
        "missions": [{"slug": "change-5"}, {"slug": calls["open"].mission.slug}],
        "sites": [{"slug": "connecting-ridge", "year": 2027}],
        "partners": [{"slug": things["agency"].slug}],
        "calls": [{"slug": "change-8-2023"}],
        "sources": [{"slug": "ce8_ao"}],
    }


def routes() -> Iterator[tuple[str, str]]:
    """Yield (name, pattern) of every route of the house's own; libraries' pages and the API are looked at elsewhere."""
    yield from _walk(get_resolver().url_patterns, "")


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        place = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not place.startswith(("api/", "accounts/")):
                yield from _walk(pattern.url_patterns, place)
        else:
            yield str(pattern.name), place


@dataclass(frozen=True)
class Verdict:
    """Who may open a route with which arguments (GET); ``changes`` says who may change something there (POST)."""

    sees: frozenset[str]
    arguments: Callable[[World], list[Arguments]] = lambda _: [{}]
    changes: frozenset[str] = NOBODY


def _calls_of(*states: str, **more: Any) -> Callable[[World], list[Arguments]]:
    return lambda world: [{"slug": world.calls[state].slug} | more for state in states]


def _proposals_of(*names: str, **more: Any) -> Callable[[World], list[Arguments]]:
    return lambda world: [{"key": world.proposals[name].pk} | more for name in names]


def _reader_of_ours(world: World) -> list[Arguments]:
    """Name somebody who is on the team: of an invented number every answer would be that there is nobody."""
    ours = world.proposals["ours open"].pk
    return [{"key": ours, "member": TeamMember.objects.get(proposal=ours, role=TeamRole.READER).pk}]


PUBLIC_CALLS = _calls_of("open", "closed")
OURS = _proposals_of("ours draft", "ours open")
OURS_CLOSED = _proposals_of("ours closed")
CATALOGUE = frozenset({
    "programme-list", "programme", "mission-list", "partner-list", "station", "samples-shared", "sources", "source", "conflicts",
    "call", "sitemap", "robots",
})  # fmt: skip
"""Pages of public facts alone: looked at as a stranger and as one person, not with every role."""
API_CATALOGUE = frozenset({
    "figures", "programmes", "missions", "sites", "partners", "calls", "station", "samples", "sources", "conflicts",
})  # fmt: skip
"""The same of the API, by the first word of its addresses."""
RANDOM = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"
"""An id that nothing has; what is absent answers like what is forbidden."""


def _agency(world: World) -> list[Arguments]:
    return [{"slug": world.things["agency"].slug}]


def _absent(**arguments: Any) -> Callable[[World], list[Arguments]]:
    return lambda _: [arguments]


def _of_call(state: str, **more: Any) -> Callable[[World], list[Arguments]]:
    return _calls_of(state, **more)


def _loan(**more: Any) -> Callable[[World], list[Arguments]]:
    return lambda world: [{"code": world.things["loan"].code} | more]


def _collection(**more: Any) -> Callable[[World], list[Arguments]]:
    return lambda world: [{"slug": world.things["piece"].collection.slug} | more]


def _intake(world: World) -> list[Arguments]:
    """The movement by which the powder came in."""
    collection = world.things["piece"].collection
    intake = Movement.objects.filter(
        book=collection.book, kind="intake", entries__account__label=world.things["piece"].name
    )
    return [{"slug": collection.slug, "key": intake.get().pk}]


def _thing(name: str, /, **more: Any) -> Callable[[World], list[Arguments]]:
    return lambda world: [{"key": world.things[name].pk} | more]


def _panel(name: str, /, **more: Any) -> Callable[[World], list[Arguments]]:
    """Return the arguments of something within the review of the closed call."""
    return lambda world: [{"slug": world.calls["closed"].slug, "key": world.things[name].pk} | more]


def _secret(world: World) -> list[Arguments]:
    return [{"secret": secret_of(world.things["referee invitation"].pk)}]


def _panel_items(**more: Any) -> Callable[[World], list[Arguments]]:
    """The items of the science panel."""
    return lambda world: [
        {"key": world.things["panel"].pk, "item": world.things[f"item {name}"].pk} | more for name in ("ours", "rival")
    ]


VERDICTS: dict[str, Verdict] = {
    # the catalogue and the public face
    **{
        name: Verdict(EVERYBODY)
        for name in (
            "home",
            "programme-list",
            "mission-list",
            "opportunity-list",
            "partner-list",
            "station",
            "samples-shared",
            "site-list",
            "sources",
            "conflicts",
            "search",
            "record",
            "record-export",
            "robots",
            "sitemap",
            "opportunity-overdue",
        )
    },
    "programme": Verdict(EVERYBODY, _absent(slug="clep")),
    "call": Verdict(EVERYBODY, _absent(slug="change-8-2023")),
    "source": Verdict(EVERYBODY, _absent(slug="ce8_ao")),
    "site": Verdict(EVERYBODY, _absent(slug="connecting-ridge")),
    **{
        name: Verdict(EVERYBODY, _absent(slug="connecting-ridge", year=2027))
        for name in ("site-year", "site-days", "site-windows", "site-calendar")
    },
    "mission": Verdict(EVERYBODY, lambda world: [{"slug": world.calls["open"].mission.slug}]),
    "partner": Verdict(EVERYBODY, _agency),
    "desk": Verdict(SIGNED_IN),
    # one's own account
    "profile": Verdict(SIGNED_IN, changes=SIGNED_IN),
    "token-new": Verdict(NOBODY, changes=SIGNED_IN),
    "token-revoke": Verdict(NOBODY, _absent(token=RANDOM)),
    "demo-enter": Verdict(NOBODY, _absent(ticket="forged")),
    # an agency's own pages
    "agency-people": Verdict(OFFICE, _agency, changes=OFFICE),
    "agency-role-take": Verdict(NOBODY, lambda world: [{"slug": world.things["agency"].slug, "role": 1}]),
    "agency-record": Verdict(OFFICE | {"auditor"}, _agency),
    "agency-record-export": Verdict(OFFICE | {"auditor"}, _agency),
    # opportunities: what everybody sees
    "opportunity": Verdict(EVERYBODY, PUBLIC_CALLS),
    "opportunity-questions": Verdict(SIGNED_IN, _of_call("open"), changes=SIGNED_IN),
    "opportunity-feed": Verdict(EVERYBODY, PUBLIC_CALLS),
    "opportunity-dates": Verdict(EVERYBODY, PUBLIC_CALLS),
    "opportunity-follow": Verdict(EVERYBODY, _of_call("open"), changes=EVERYBODY),
    "opportunity-document": Verdict(NOBODY, _of_call("open", key=RANDOM)),
    "following": Verdict(NOBODY, _absent(token=RANDOM)),
    "following-stop": Verdict(NOBODY, _absent(token=RANDOM)),
    # opportunities: what the office does
    "opportunity-new": Verdict(OFFICE | {"other office"}, changes=OFFICE | {"other office"}),
    "opportunity-mine": Verdict(OFFICE | {"other office"}),
    "opportunity-edit": Verdict(OFFICE, _of_call("draft"), changes=OFFICE),
    "opportunity-publish": Verdict(OFFICE, _of_call("draft"), changes=OFFICE),
    "opportunity-amend": Verdict(OFFICE, _of_call("open"), changes=OFFICE),
    "opportunity-manage": Verdict(OFFICE, _calls_of("draft", "open", "closed"), changes=OFFICE),
    "opportunity-extend": Verdict(NOBODY, _of_call("open"), changes=OFFICE),
    "opportunity-shift": Verdict(OFFICE, _of_call("open"), changes=OFFICE),
    "opportunity-close": Verdict(NOBODY, _of_call("open"), changes=OFFICE),
    "opportunity-cancel": Verdict(NOBODY, _of_call("open"), changes=OFFICE),
    "opportunity-keep": Verdict(NOBODY, _of_call("open"), changes=OFFICE),
    "opportunity-duplicate": Verdict(NOBODY, _of_call("open"), changes=OFFICE),
    "opportunity-answer": Verdict(
        NOBODY, lambda world: [{"slug": world.calls["open"].slug, "key": world.things["question"].pk}], changes=OFFICE
    ),
    "opportunity-document-add": Verdict(NOBODY, _of_call("open"), changes=OFFICE),
    "opportunity-document-remove": Verdict(NOBODY, _of_call("open", key=RANDOM)),
    # proposals: the team's own
    "proposal-new": Verdict(SIGNED_IN, _of_call("open"), changes=SIGNED_IN),
    "proposal": Verdict(TEAM, OURS),
    "proposal-edit": Verdict(TEAM - {"reader"}, _proposals_of("ours draft"), changes=TEAM - {"reader"}),
    "proposal-autosave": Verdict(NOBODY, _proposals_of("ours draft"), changes=TEAM - {"reader"}),
    "proposal-fit": Verdict(NOBODY, _proposals_of("ours draft"), changes=TEAM),
    "proposal-export": Verdict(TEAM, OURS),
    "proposal-letter": Verdict(NOBODY, _proposals_of("ours draft"), changes=frozenset({"lead"})),
    "proposal-submit": Verdict(frozenset({"lead"}), _proposals_of("ours draft"), changes=frozenset({"lead"})),
    "proposal-explain": Verdict(NOBODY, _proposals_of("ours draft"), changes=frozenset({"lead"})),
    "proposal-conflicts": Verdict(TEAM, OURS, changes=TEAM - {"reader"}),
    "proposal-conflict-remove": Verdict(NOBODY, _proposals_of("ours draft", named=RANDOM)),
    "proposal-receipt": Verdict(NOBODY, _proposals_of("ours open", number=1)),
    "proposal-receipt-file": Verdict(NOBODY, _proposals_of("ours open", number=1)),
    "proposal-unsubmit": Verdict(frozenset({"lead"}), _proposals_of("ours open"), changes=frozenset({"lead"})),
    "proposal-withdraw": Verdict(frozenset({"lead"}), _proposals_of("ours open"), changes=frozenset({"lead"})),
    "proposal-restore": Verdict(NOBODY, _proposals_of("ours open"), changes=frozenset({"lead"})),
    "proposal-team": Verdict(TEAM, OURS, changes=frozenset({"lead"})),
    "proposal-role": Verdict(NOBODY, _reader_of_ours, changes=frozenset({"lead"})),
    "proposal-remove": Verdict(NOBODY, _reader_of_ours, changes=frozenset({"lead", "reader"})),
    "proposal-hand-over": Verdict(NOBODY, _reader_of_ours, changes=frozenset({"lead"})),
    "proposal-revoke": Verdict(NOBODY, _proposals_of("ours open", invitation=RANDOM)),
    "proposal-merge": Verdict(TEAM, _proposals_of("ours open"), changes=frozenset({"lead"})),
    "proposal-merge-answer": Verdict(NOBODY, _proposals_of("ours open", merge=RANDOM)),
    "proposal-attach": Verdict(NOBODY, _proposals_of("ours draft"), changes=TEAM - {"reader"}),
    "proposal-attachment": Verdict(NOBODY, _proposals_of("ours draft", file=RANDOM)),
    "proposal-detach": Verdict(NOBODY, _proposals_of("ours draft", file=RANDOM)),
    "invitation": Verdict(NOBODY, _absent(secret="x" * 43)),
    # proposals: what the office has received
    "opportunity-proposals": Verdict(OFFICE, PUBLIC_CALLS),
    "proposal-relation": Verdict(NOBODY, _proposals_of("ours closed", relation=1)),
    "merge-decide": Verdict(NOBODY, _of_call("closed", merge=RANDOM)),
    # the decision: the office's desk, and what everybody and each team may read
    "decision": Verdict(NOBODY, PUBLIC_CALLS),
    "decision-paper": Verdict(NOBODY, PUBLIC_CALLS),
    "decision-certificate": Verdict(NOBODY, PUBLIC_CALLS),
    "outcome": Verdict(NOBODY, OURS_CLOSED),
    "outcome-paper": Verdict(NOBODY, OURS_CLOSED),
    "selection": Verdict(OFFICE, _of_call("closed")),
    "selection-statements": Verdict(OFFICE, _of_call("closed"), changes=OFFICE),
    "selection-statement-withdraw": Verdict(NOBODY, _of_call("closed", key=RANDOM)),
    "selection-studio": Verdict(OFFICE, _of_call("closed")),
    "selection-studio-answer": Verdict(NOBODY, _of_call("closed")),
    "selection-studio-frontier": Verdict(NOBODY, _of_call("closed")),
    "selection-compare": Verdict(NOBODY, _of_call("closed")),
    "selection-keep": Verdict(NOBODY, _of_call("closed"), changes=OFFICE),
    "selection-study": Verdict(NOBODY, _of_call("closed"), changes=OFFICE),
    **{
        f"selection-{verb}": Verdict(NOBODY, _of_call("closed", key=RANDOM))
        for verb in ("study-progress", "study-cancel", "withdraw", "restore")
    },
    "selection-problem": Verdict(NOBODY, _of_call("closed", number=1, form="toml")),
    "selection-paper": Verdict(NOBODY, _of_call("closed", number=1)),
    "selection-certificate": Verdict(NOBODY, _of_call("closed", number=1)),
    "selection-progress": Verdict(NOBODY, _of_call("closed", key=RANDOM)),
    "selection-cancel": Verdict(NOBODY, _of_call("closed", key=RANDOM)),
    **{
        f"selection-{verb}": Verdict(NOBODY, _of_call("closed"), changes=OFFICE)
        for verb in ("recommend", "force", "unforce", "draft", "publish", "offer", "lose", "call-up", "fulfil")
    },
    # scores
    "scores": Verdict(OFFICE, _of_call("closed"), changes=OFFICE),
    "scores-confirm": Verdict(NOBODY, _of_call("closed"), changes=OFFICE),
    "scores-template": Verdict(OFFICE, _of_call("closed", form="long", ending="csv")),
    "scores-download": Verdict(OFFICE, _of_call("closed", number=1, ending="csv")),
    # reviews: their author's own
    "review-desk": Verdict(SIGNED_IN),
    "review-declare": Verdict(SCIENCE, _thing("panel"), changes=SCIENCE),
    "review-declare-none": Verdict(NOBODY, _thing("panel"), changes=SCIENCE),
    "review-tables": Verdict(SCIENCE, _thing("panel"), changes=SCIENCE),
    "review-table": Verdict(SCIENCE, _thing("panel", ending="csv")),
    "review-write": Verdict(
        REVIEWER,
        lambda world: [{"key": world.things[f"review reviewer {name}"].pk} for name in ("ours", "rival")],
        changes=REVIEWER,
    ),
    "review-autosave": Verdict(NOBODY, _thing("review reviewer rival"), changes=REVIEWER),
    "review-submit": Verdict(REVIEWER, _thing("review reviewer rival"), changes=REVIEWER),
    "review-reopen": Verdict(NOBODY, _thing("review reviewer ours"), changes=REVIEWER),
    "review-recuse": Verdict(REVIEWER, _thing("review reviewer ours"), changes=REVIEWER),
    "review-document": Verdict(NOBODY, _thing("review reviewer ours", file=RANDOM)),
    "review-hand-over": Verdict(OFFICE, _of_call("closed"), changes=OFFICE),
    "review-calibrate": Verdict(NOBODY, _of_call("closed"), changes=OFFICE),
    "review-calibrate-progress": Verdict(OFFICE, _of_call("closed")),
    "review-calibrate-cancel": Verdict(NOBODY, _of_call("closed"), changes=OFFICE),
    "review-debriefs": Verdict(MANAGERS | {"conflicted chair"}, _of_call("closed")),
    "review-debriefs-release": Verdict(NOBODY, _of_call("closed"), changes=OFFICE),
    "review-debrief": Verdict(
        MANAGERS, lambda world: [{"slug": world.calls["closed"].slug, "key": world.proposals["rival closed"].pk}]
    ),
    "review-debrief-comment": Verdict(
        NOBODY,
        lambda world: [{"slug": world.calls["closed"].slug, "key": world.proposals["ours closed"].pk}],
        changes=OFFICE,
    ),
    "proposal-debrief": Verdict(TEAM | OFFICE, OURS_CLOSED),
    "proposal-debrief-paper": Verdict(NOBODY, OURS_CLOSED),
    "review-marks": Verdict(MANAGERS | {"conflicted chair"}, _of_call("closed", ending="csv")),
    # the review: conflicts, declarations, assignment
    **{
        f"review-{name}": Verdict(MANAGERS | {"conflicted chair"}, _of_call("closed", **more))
        for name, more in {
            "conflicts": {},
            "conflicts-table": {"ending": "csv"},
            "bids": {},
            "assignment": {},
            "assignment-table": {"ending": "csv"},
        }.items()
    },
    "review-recheck": Verdict(STEERERS, _of_call("closed")),
    "review-search": Verdict(NOBODY, _of_call("closed"), changes=STEERERS),
    "review-search-progress": Verdict(STEERERS, _of_call("closed")),
    "review-search-cancel": Verdict(NOBODY, _of_call("closed"), changes=STEERERS),
    **{
        f"review-{name}": Verdict(NOBODY, _of_call("closed"), changes=STEERERS)
        for name in ("conflicts-pin", "detect", "settle", "known-list", "conflicts-take-in", "assignment-ask", "assign")
    },
    **{f"review-conflict-{name}": Verdict(NOBODY, _panel("conflict"), changes=OFFICE) for name in ("lift", "confirm")},
    # The office names the panel in the query: without it, the page is of the first of its panels, where this review is not.
    "review-release": Verdict(frozenset({"secretary"}), _panel("review reviewer ours"), changes=STEERERS),
    "review-allocation": Verdict(MANAGERS, _panel("allocation")),
    "review-allocation-progress": Verdict(MANAGERS, _panel("allocation")),
    **{
        f"review-allocation-{name}": Verdict(NOBODY, _panel("allocation"), changes=STEERERS)
        for name in ("cancel", "adopt", "drop")
    },
    # the review: the office's pages of it
    "review-round": Verdict(OFFICE, _calls_of("draft", "open", "closed")),
    "review-begin": Verdict(NOBODY, _of_call("closed"), changes=OFFICE),
    "review-step": Verdict(OFFICE, _of_call("closed", verb="discuss"), changes=OFFICE),
    "review-panel-new": Verdict(OFFICE, _of_call("closed"), changes=OFFICE),
    **{
        f"review-{name}": Verdict(OFFICE, _panel("panel"), changes=OFFICE)
        for name in ("panel", "panel-edit", "panel-remove", "meanings", "seats", "referees")
    },
    **{
        f"review-{name}": Verdict(NOBODY, _panel("panel"), changes=OFFICE)
        for name in ("bring", "take-away", "seats-check", "seats-take-in", "peers-seat", "set-aside")
    },
    "review-seats-export": Verdict(OFFICE, _panel("panel", ending="csv")),
    "review-peers": Verdict(OFFICE, _panel("distributed panel")),
    "review-seat": Verdict(OFFICE, _panel("seat reviewer"), changes=OFFICE),
    "review-seat-leave": Verdict(NOBODY, _panel("seat reviewer"), changes=OFFICE),
    "review-lift": Verdict(NOBODY, _of_call("closed", key=RANDOM)),
    "review-referee-revoke": Verdict(NOBODY, _panel("referee invitation"), changes=OFFICE),
    "review-referee-again": Verdict(NOBODY, _panel("referee invitation"), changes=OFFICE),
    "referee-invitation": Verdict(frozenset({"newcomer"}), _secret, changes=frozenset({"newcomer"})),
    "referee-decline": Verdict(NOBODY, _secret, changes=frozenset({"newcomer"})),
    "proposal-peer": Verdict(TEAM, OURS_CLOSED, changes=frozenset({"lead"})),
    # a panel's desk, its people and its meeting
    "panel-desk": Verdict(SITTING | {"observer"}, _thing("panel")),
    "panel-items": Verdict(SITTING | {"observer"}, _thing("panel", ending="csv")),
    "panel-people": Verdict(MANAGERS, _thing("panel")),
    "panel-people-table": Verdict(MANAGERS, _thing("panel", ending="csv")),
    "panel-remind": Verdict(MANAGERS, _thing("panel"), changes=MANAGERS),
    "panel-outlying": Verdict(NOBODY, _thing("panel"), changes=MANAGERS),
    "panel-order": Verdict(NOBODY, _thing("panel"), changes=MANAGERS),
    "panel-minutes": Verdict(MANAGERS, _thing("panel", ending="csv")),
    "panel-meeting": Verdict(SITTING, _thing("panel")),
    "panel-meeting-now": Verdict(SITTING, _thing("panel")),
    "panel-item": Verdict(MANAGERS, _panel_items()),
    "panel-item-consensus": Verdict(NOBODY, _panel_items(), changes=MANAGERS),
    "panel-item-act": Verdict(NOBODY, _panel_items(verb="leave-out"), changes=MANAGERS),
    "panel-review-give-back": Verdict(
        NOBODY,
        lambda world: [{"key": world.things["panel"].pk, "review": world.things["review reviewer ours"].pk}],
        changes=MANAGERS,
    ),
    # samples: what everybody sees
    "sample-catalogue": Verdict(EVERYBODY),
    "sample-catalogue-export": Verdict(EVERYBODY, lambda _: [{"ending": "csv"}]),
    "sample": Verdict(EVERYBODY, _thing("piece")),
    "sample-metadata": Verdict(EVERYBODY, _thing("piece")),
    "site-studies": Verdict(SIGNED_IN, changes=SIGNED_IN),
    "site-study": Verdict(frozenset({"lead"}), _thing("study")),
    "site-study-progress": Verdict(frozenset({"lead"}), _thing("study")),
    "site-study-cancel": Verdict(NOBODY, _thing("study"), changes=frozenset({"lead"})),
    "site-study-delete": Verdict(NOBODY, _thing("study"), changes=frozenset({"lead"})),
    "site-study-file": Verdict(NOBODY, _thing("study", name="days.csv")),
    "samples-where": Verdict(EVERYBODY),
    "mission-samples": Verdict(EVERYBODY, lambda _: [{"slug": "change-5"}]),
    "collection-samples": Verdict(EVERYBODY, _collection()),
    "sample-picture": Verdict(EVERYBODY, _thing("picture")),
    "sample-picture-small": Verdict(EVERYBODY, _thing("picture")),
    "sample-picture-add": Verdict(NOBODY, _thing("piece"), changes=frozenset({"curator"})),
    "sample-picture-remove": Verdict(NOBODY, _thing("picture"), changes=frozenset({"curator"})),
    "sample-publication-add": Verdict(NOBODY, _thing("piece"), changes=frozenset({"curator"})),
    "sample-publication-remove": Verdict(NOBODY, _thing("publication"), changes=frozenset({"curator"})),
    # requests for samples
    "sample-requests": Verdict(SIGNED_IN),
    "sample-request-new": Verdict(NOBODY, changes=SIGNED_IN),
    "sample-request": Verdict(RIVALS | LENDERS, _thing("request")),
    "sample-request-edit": Verdict(RIVALS, _thing("draft request"), changes=RIVALS),
    "sample-request-autosave": Verdict(NOBODY, _thing("draft request"), changes=RIVALS),
    "sample-request-fit": Verdict(NOBODY, _thing("draft request")),
    "sample-request-add": Verdict(NOBODY, _thing("draft request"), changes=RIVALS),
    "sample-request-step": Verdict(NOBODY, _thing("request", verb="withdraw"), changes=RIVALS),
    "sample-request-assess": Verdict(NOBODY, _thing("request"), changes=OFFICE),
    "sample-request-bar": Verdict(NOBODY, _thing("request"), changes=OFFICERS),
    "sample-request-lift": Verdict(NOBODY, _thing("request"), changes=OFFICERS),
    "sample-request-grant": Verdict(NOBODY, _thing("request"), changes=OFFICERS),
    "sample-request-decline": Verdict(NOBODY, _thing("request"), changes=OFFICERS),
    "sample-allocation": Verdict(OFFICERS, _agency, changes=OFFICERS),
    # loans of samples
    "loans-mine": Verdict(SIGNED_IN),
    "loan": Verdict(LENDERS | {"lead"}, _loan()),
    "loan-weigh": Verdict(NOBODY, _loan()),
    "loan-inventory": Verdict(frozenset({"lead"}), _loan(), changes=frozenset({"lead"})),
    "loan-duty": Verdict(NOBODY, _loan(), changes=OFFICERS | {"lead"}),
    "loan-back": Verdict(NOBODY, _loan(), changes=frozenset({"lead"})),
    "loan-extension": Verdict(NOBODY, _loan(key=RANDOM)),
    "loan-step": Verdict(NOBODY, _loan(verb="end-early"), changes=OFFICERS),
    "loan-line": Verdict(LENDERS | {"lead"}, _loan(number=1)),
    "loan-line-act": Verdict(NOBODY, _loan(number=1, verb="missing"), changes=OFFICERS | {"lead"}),
    "loan-transfer": Verdict(NOBODY, _absent(key=RANDOM)),
    "loan-publication": Verdict(NOBODY, _loan(), changes=frozenset({"lead"})),
    "sample-returns": Verdict(OFFICERS, _agency, changes=OFFICERS),
    "loan-paper": Verdict(LENDERS | {"lead"}, _loan(name="agreement")),
    "loan-labels": Verdict(frozenset({"curator"}), _loan()),
    # the curator's bench
    "samples-collection-new": Verdict(CURATOR, _agency, changes=CURATOR),
    "sample-take-in": Verdict(CURATOR, _collection(), changes=CURATOR),
    "sample-mix": Verdict(CURATOR, _collection(), changes=CURATOR),
    "sample-divide": Verdict(CURATOR, _thing("piece"), changes=CURATOR),
    "sample-weigh": Verdict(CURATOR, _thing("piece"), changes=CURATOR),
    "sample-renumber": Verdict(CURATOR, _thing("piece"), changes=CURATOR),
    "sample-custody": Verdict(CURATOR, _thing("piece"), changes=CURATOR),
    "sample-release": Verdict(NOBODY, _thing("piece"), changes=OFFICE),
    "sample-weighing": Verdict(LENDERS, _thing("weighing"), changes=OFFICERS),
    "sample-missing": Verdict(CURATOR, _thing("piece"), changes=CURATOR),
    "sample-cede": Verdict(CURATOR, _thing("piece"), changes=CURATOR),
    "sample-use-up": Verdict(CURATOR, _thing("piece"), changes=CURATOR),
    "sample-correct": Verdict(CURATOR, _intake, changes=CURATOR),
    "sample-booking": Verdict(LENDERS, _thing("booking"), changes=OFFICERS),
    "sample-booking-drop": Verdict(NOBODY, _thing("booking"), changes=CURATOR),
    # desks, histories and books of samples
    "samples-desk": Verdict(OFFICERS, _agency),
    "samples-desk-matters": Verdict(OFFICERS, lambda world: [{"slug": world.things["agency"].slug, "ending": "csv"}]),
    "samples-low": Verdict(OFFICERS, _agency),
    "samples-low-export": Verdict(OFFICERS, lambda world: [{"slug": world.things["agency"].slug, "ending": "csv"}]),
    "samples-desk-places": Verdict(OFFICERS, lambda world: [{"slug": world.things["agency"].slug, "ending": "csv"}]),
    "sample-history": Verdict(LENDERS, _thing("piece")),
    "sample-label": Verdict(frozenset({"curator"}), _thing("piece")),
    "samples-book": Verdict(LENDERS, _collection()),
    "samples-audits": Verdict(LENDERS | {"other office"}),
    "samples-audit": Verdict(LENDERS, _collection()),
    "samples-audit-run": Verdict(NOBODY, _collection(), changes=LENDERS),
    "samples-audit-table": Verdict(LENDERS, _collection(name="balances", ending="csv")),
    "samples-movements": Verdict(LENDERS, _collection()),
    "samples-proof": Verdict(NOBODY, _collection(key=RANDOM)),
    "samples-checkpoint": Verdict(NOBODY, _collection(size=10**9)),
    "samples-log": Verdict(LENDERS, _collection()),
    "incident": Verdict(LENDERS | {"lead"}, _thing("incident")),
    "incident-step": Verdict(NOBODY, _thing("incident", verb="investigate"), changes=frozenset({"curator"})),
}
"""Addresses whose ``arguments`` name nothing that exists show that the absent and the forbidden answer alike."""
