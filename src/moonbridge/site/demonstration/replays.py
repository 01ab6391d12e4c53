"""Replay real calls with what the catalogue knows of them: no people, no scores, no reasons, nothing guessed.

A replay does not go through the actions of a live call, because those insist on things that no public text says (the exact day of a
promise, the weights of criteria, when a proposal came in). It is written in one piece, and the record says so in one entry.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from django.utils.text import slugify

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import (
    Accommodation,
    EnvelopeLine,
    Opportunity,
    Origin,
    Resource,
    StageKind,
)
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.opportunities.terms import read, said
from moonbridge.cooperation.programmes.models import Element, Mission, Partner
from moonbridge.cooperation.proposals.models import Demand, Option, Participant, Proposal
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.selection import actions as selecting
from moonbridge.formats.catalogue import Call, Catalogue, Claim, PartialDate, Participation, Payload, Role
from moonbridge.formats.catalogue import EnvelopeLine as Offered
from moonbridge.formats.catalogue.values import Amount, Box, Measure, text_of
from moonbridge.quantities import MASS
from moonbridge.record.actions import append
from moonbridge.site.demonstration.calls import CENTI

BEIJING: Final = timedelta(hours=8)
NOON: Final = time(12)
END_OF_DAY: Final = time(23, 59)
TOLD: Final = (
    "offer", "criteria", "levels", "preference", "proposals", "proposing_partners", "first_selection_result",
    "passed_first_selection", "selected_proposals", "selected", "result",
)  # fmt: skip
"""The facts of a call that its summary repeats, each with its sources."""
SUMMARY_ZH: Final = "以公开数据重现的真实征集。各日期的具体时刻未公开；各项数据及其来源见英文摘要和目录页。"
UNSAID: Final = "Not said in the public texts that the catalogue knows."
UNSAID_ZH: Final = "目录所收录的公开文本中未说明。"
RESOURCES: Final = {"mass": (Resource.MASS, "", ""), "power": (Resource.OTHER, "power", "W")}
"""How an envelope of the catalogue is kept: the calls do not say whether their power is an average or a peak."""
STAGES: Final = {
    StageKind.SHORTLIST: ("first_selection_promised", "first_selection"),
    StageKind.DECISION: ("confirmation_promised", "answered"),
}
"""The catalogue's fields for what was promised and what happened."""


def load(told: dict[str, Any], catalogue: Catalogue, *, by: User) -> Opportunity:
    """Write the replay of the catalogued call ``told["call"]``: terms, dates, payloads, outcomes."""
    call = catalogue.get(Call, told["call"])
    mission = Mission.objects.get(slug=call.mission)
    elements = {element.slug: element for element in mission.elements.all()}
    made = _opportunity(told, call, catalogue, mission)
    made.elements.set(elements[line.element] for line in call.envelope)
    _envelope(made, call, elements)
    _stage_dates(made, call)
    outcomes = [
        _outcome(made, number, row, catalogue, elements) for number, row in enumerate(told["payloads"], start=1)
    ]
    _publish_and_close(made, call, by=by)
    answered = call.date("answered")
    selecting.replay_decision(
        made,
        outcomes=outcomes,
        published_at=instant(answered) if answered else None,
        note=_note(told, catalogue),
        by=by,
    )
    return made


def instant(day: PartialDate, at: time = NOON) -> datetime | None:
    """Return ``at`` o'clock in Beijing on an exact day, None for a date that is known less well."""
    return datetime.combine(day.earliest, at, UTC) - BEIJING if day.is_one_day and not day.approximate else None


def _opportunity(told: dict[str, Any], call: Call, catalogue: Catalogue, mission: Mission) -> Opportunity:
    letters, proposals = call.date("intent_deadline"), call.date("proposal_deadline") or call.date("deadline")
    eligibility = call.value("eligibility")
    return Opportunity.objects.create(
        slug=slugify(told["title"]), agency=mission.agency, mission=mission, origin=Origin.REPLAY, catalogue_call=call.slug,
        title=told["title"], title_zh=told["title_zh"], summary=_summary(call, catalogue), summary_zh=SUMMARY_ZH,
        eligibility=text_of(eligibility) if eligibility is not None else UNSAID, eligibility_zh="" if eligibility else UNSAID_ZH,
        letter_required=letters is not None, letter_deadline=instant(letters, END_OF_DAY) if letters else None,
        deadline=instant(proposals, END_OF_DAY) if proposals else None,
    )  # fmt: skip


def _summary(call: Call, catalogue: Catalogue) -> str:
    facts = [
        f"{claim.field.replace('_', ' ').capitalize()}: {_sourced(claim, catalogue)}"
        for field in TOLD
        for claim in call.claims_on(field)
        if claim.value is not None
    ]
    return "\n\n".join(
        ["A replay of a real call with the figures that are public. The hours of its dates are not public.", *facts]
    )


def _note(told: dict[str, Any], catalogue: Catalogue) -> str:
    """Say that these are the public outcomes, and what is public of places that were lost."""
    payloads = [catalogue.get(Payload, row["payload"]) for row in told["payloads"]]
    lost = [
        f"{payload.name}: {_sourced(claim, catalogue)}"
        for payload in payloads
        for claim in payload.claims_on("loss_reason")
    ]
    return "\n\n".join(["The outcomes as they became public. The reasons for the choice are not public.", *lost])


def _sourced(claim: Claim, catalogue: Catalogue) -> str:
    titles = "; ".join(catalogue.sources[source].title for source in claim.sources)
    said_on = f", {claim.date}" if claim.date else ""
    return f"{text_of(claim.value) if claim.value is not None else 'unknown'} ({titles}{said_on})"


def _envelope(made: Opportunity, call: Call, elements: dict[str, Element]) -> None:
    lines: dict[tuple[str, str], EnvelopeLine] = {}
    rooms: dict[str, Accommodation] = {}
    for offered in call.envelope:
        element = elements[offered.element]
        if isinstance(offered.claim.value, Amount):
            resource, name, unit = RESOURCES[offered.resource]
            line = lines.setdefault(
                (offered.element, offered.resource),
                EnvelopeLine(
                    opportunity=made, element=element, resource=resource, name=name, unit=unit, position=len(lines)
                ),
            )
            setattr(line, "per_item" if offered.per_item else "total", offered.claim.value.base)
        else:
            _furnish(rooms.setdefault(offered.element, Accommodation(opportunity=made, element=element)), offered)
    EnvelopeLine.objects.bulk_create(lines.values())
    Accommodation.objects.bulk_create(room for room in rooms.values() if room.length_um or room.coldest_centidegree)


def _furnish(room: Accommodation, offered: Offered) -> None:
    match offered.claim.value:
        case Box(sides=(length, width, height)):
            room.length_um, room.width_um, room.height_um = length, width, height
        case Measure(low=low, high=high):
            room.coldest_centidegree = None if low is None else int(low * CENTI)
            room.hottest_centidegree = None if high is None else int(high * CENTI)


def _stage_dates(made: Opportunity, call: Call) -> None:
    released = call.date("released")
    if released:
        _stage_date(made, StageKind.OPEN, released, released)
    for stage, deadline in ((StageKind.LETTERS, made.letter_deadline), (StageKind.PROPOSALS, made.deadline)):
        if deadline:
            made.stage_dates.create(stage=stage, promised=deadline, first_promised=deadline, kept=deadline)
    for stage, (promised, kept) in STAGES.items():
        _stage_date(made, stage, call.date(promised), call.date(kept))


def _stage_date(made: Opportunity, stage: StageKind, promised: PartialDate | None, kept: PartialDate | None) -> None:
    """Keep exact days as instants, and say the rest in the note; a promise whose keeping is not public is not called broken."""
    happened = instant(kept) if kept else None
    due = instant(promised) if promised and happened else None
    partly = {"promised for": promised if due is None else None, "happened": kept if happened is None else None}
    note = "; ".join(f"{word} {date}" for word, date in partly.items() if date)
    if promised or kept:
        made.stage_dates.create(stage=stage, promised=due, first_promised=due, kept=happened, note=note)


def _publish_and_close(made: Opportunity, call: Call, *, by: User) -> None:
    released = call.date("released")
    made.published_at = instant(released) if released else None
    for state in (State.OPEN, State.CLOSED):
        made.state = state
        made.save(update_fields=["state", "published_at"])
    facts = {"call": call.address, "terms": said(read(made))}
    append("replay", made.address, facts, agency=made.agency.slug, by=by, public=True)


def _outcome(
    made: Opportunity, number: int, row: dict[str, str], catalogue: Catalogue, elements: dict[str, Element]
) -> dict[str, Any]:
    payload = catalogue.get(Payload, row["payload"])
    goal = payload.value("goal")
    proposal = Proposal.objects.create(
        opportunity=made, code=f"R-{number:02}", title=payload.name, acronym=payload.aliases[0][:30] if payload.aliases else "",
        abstract=text_of(goal) if goal is not None else "",
        state=ProposalState.SUBMITTED, submitted_at=made.deadline or made.letter_deadline,
    )  # fmt: skip
    _participants(proposal, payload, catalogue)
    option = _option(proposal, payload, elements.get(payload.host or ""))
    return {"proposal": proposal, "kind": row["outcome"], "option": option, "condition": "", "merged_into": None}


def _participants(proposal: Proposal, payload: Payload, catalogue: Catalogue) -> None:
    """Name each institution with its country, and each country of which no institution is known; shares are not public."""
    known = [one for one in payload.participations if one.role is not Role.COUNTRY]
    countries = {catalogue.partners[one.partner].country for one in known}
    alone = [one for one in payload.participations if one.role is Role.COUNTRY and one.partner.upper() not in countries]
    for position, one in enumerate([*known, *alone]):
        proposal.participants.add(_participant(one, catalogue, position), bulk=False)


def _participant(one: Participation, catalogue: Catalogue, position: int) -> Participant:
    partner = catalogue.partners[one.partner]
    return Participant(
        partner=Partner.objects.get(slug=one.partner), country=partner.country or "", leads=one.role is Role.LEAD,
        institution="" if one.role is Role.COUNTRY else partner.name, position=position,
    )  # fmt: skip


def _option(proposal: Proposal, payload: Payload, element: Element | None) -> Option:
    masses = [claim for claim in payload.claims_on("mass") if claim.amount]
    option = Option.objects.create(
        proposal=proposal, name="As selected", element=element, argument="\n".join(_mass_words(masses))
    )
    lines = proposal.opportunity.envelope.filter(resource=Resource.MASS)
    line = lines.filter(element=element).first() if element else lines.first() if lines.count() == 1 else None
    if line and len(masses) == 1 and masses[0].amount:
        Demand.objects.create(option=option, line=line, amount=masses[0].amount.base)
    return option


def _mass_words(masses: list[Claim]) -> Iterator[str]:
    """Say each public figure of the mass with its date, confidence and note; of two that differ neither is reckoned with."""
    for claim in masses:
        if claim.amount:
            more = [
                str(part)
                for part in (claim.date, claim.confidence and f"confidence {claim.confidence}", claim.note)
                if part
            ]
            yield f"{MASS.text(claim.amount.base)} ({', '.join(more)})"
