"""Begin a proposal and save what its team writes; nobody's words are overwritten unseen."""

from dataclasses import replace
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation import lots
from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.opportunities.states import PUBLIC
from moonbridge.cooperation.opportunities.states import State as CallState
from moonbridge.cooperation.proposals import content, deadline, examples, rules
from moonbridge.cooperation.proposals.actions.holding import again, held, seal
from moonbridge.cooperation.proposals.models import Demand, Option, Proposal, TeamMember, TeamRole
from moonbridge.cooperation.proposals.states import State
from moonbridge.errors import DeadlinePassed, InputError, NotAllowed, Stale, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now


def begin(opportunity: Opportunity, *, by: User, command: UUID, title: str = "", example: bool = False) -> Proposal:
    """Begin a draft for an open call, with ``by`` as the team's lead and one full version to fill in.

    ``example`` puts an example text into it, whose prompts must be overwritten before it can be submitted.
    """

    def act() -> str:
        call = Opportunity.objects.select_for_update(of=("self",), no_key=True).get(pk=opportunity.pk)
        _require_open(call)
        made = Proposal.objects.create(
            opportunity=call,
            code=_free_code(call),
            title=title.strip(),
            created_by=by,
            synthetic=call.origin == Origin.SYNTHETIC,
            **(examples.texts() if example else {}),
        )
        TeamMember.objects.create(proposal=made, user=by, role=TeamRole.LEAD)
        elements = list(call.elements.all()[:2])
        only = elements[0] if len(elements) == 1 else None
        Option.objects.create(proposal=made, name=gettext("Full version"), element=only)
        made.participants.create(institution=by.institution, country=by.country, share_permille=1000, leads=True)
        seal(made, "begin", {"code": made.code}, by=by)
        return str(made.pk)

    asked = {"opportunity": str(opportunity.pk), "title": title, "example": example}
    return again(once(command, "proposal.begin", asked, act, by=by))


def _require_open(call: Opportunity) -> None:
    if call.state not in PUBLIC:
        raise NotAllowed("This call is not public.")
    if call.state != CallState.OPEN:
        raise WrongState(gettext("This call takes no proposals now."), state=call.state)
    if deadline.over(call, now := database_now()):
        raise DeadlinePassed(
            gettext("The deadline of this call has passed."), deadline=str(call.deadline), now=now.isoformat()
        )


def _free_code(call: Opportunity) -> str:
    """Return a code drawn by lot that no other proposal of the call has; the caller holds the call's lock."""
    return lots.drawn("P-", set(call.proposals.values_list("code", flat=True)))


def save(proposal: Proposal, draft: content.Draft, *, version: int, by: User, command: UUID) -> Proposal:
    """Make the proposal say what ``draft`` says, if it is still in the ``version`` that the writer has read.

    Raises :class:`Stale` otherwise; ``numbers`` then holds the present version and, part by part, what stands there and what was
    sent. What is saved already is not saved again. Drafts can be saved after the deadline too.
    """

    def act() -> str:
        kept = held(proposal, by, rules.is_writer)
        if kept.state != State.DRAFT:
            raise WrongState(gettext("Only a draft can be changed; take the submission back first."), state=kept.state)
        before = content.read(kept)
        sent = kept.letter_sent_at is not None
        wanted = replace(draft, letter=before.letter) if sent else draft  # a letter that was sent stays as it was sent
        changed = content.differences(before, wanted)
        if changed and kept.version != version:
            raise Stale(
                gettext("Somebody else changed this proposal since you read it; nothing was overwritten."),
                read=version, now=kept.version, differences={name: list(pair) for name, pair in changed.items()},
            )  # fmt: skip
        if changed:
            _write(kept, before, wanted)
        return str(kept.pk)

    asked = {"proposal": str(proposal.pk), "draft": content.as_json(draft), "version": str(version)}
    return again(once(command, "proposal.save", asked, act, by=by))


def _write(proposal: Proposal, before: content.Draft, draft: content.Draft) -> None:
    for name in content.PLAIN:
        setattr(proposal, name, getattr(draft, name))
    proposal.version += 1
    proposal.saved_at = database_now()
    proposal.save(update_fields=[*content.PLAIN, "version", "saved_at"])
    if before.participants != draft.participants:
        _align(proposal.participants, draft.participants)
    if before.relations != draft.relations:
        _align(proposal.relations, draft.relations)
    if before.options != draft.options:
        _write_options(proposal, draft.options)


def _align(manager: Any, parts: tuple[Any, ...]) -> None:
    """Make the rows of ``manager``, in their order, say what ``parts`` say; touch only rows that differ."""
    for position, (row, part) in enumerate(zip_longest(list(manager.all()), parts)):
        if part is None:
            row.delete()
        elif row is None:
            manager.create(position=position, **_columns(part))
        else:
            _update(row, _columns(part) | {"position": position})


def _columns(part: Any, *leave_out: str) -> dict[str, Any]:
    return {name: getattr(part, name) for name in part.__slots__ if name not in leave_out}


def _update(row: Model, columns: dict[str, Any]) -> None:
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    if changed:
        row.save(update_fields=changed)


def _write_options(proposal: Proposal, options: tuple[content.Option, ...]) -> None:
    _require_own(proposal, options)
    kept = {row.pk: row for row in proposal.options.all()}
    for key in kept.keys() - {option.id for option in options}:
        kept.pop(key).delete()
    for position, option in enumerate(options):
        columns = _columns(option, "demands", "modes") | {"position": position}
        if option.id in kept:
            _update(kept[option.id], columns)
        row = kept.get(option.id) or Option.objects.create(proposal=proposal, **columns)
        _write_demands(row, dict(option.demands))
        _align(row.modes, option.modes)


def _require_own(proposal: Proposal, options: tuple[content.Option, ...]) -> None:
    """Refuse what names something of another proposal or another call: ids come from the browser."""
    ids = [option.id for option in options]
    foreign = Option.objects.filter(pk__in=ids).exclude(proposal=proposal)
    lines = {line for option in options for line in option.demands}
    elements = {option.element_id for option in options} - {None}
    call = proposal.opportunity
    known = set(call.elements.values_list("pk", flat=True)) >= elements
    if len(set(ids)) != len(ids) or foreign.exists() or not known or not _knows(call, lines):
        raise InputError(gettext("This form does not belong to this proposal; load the page again."))


def _knows(call: Opportunity, lines: set[UUID]) -> bool:
    return set(call.envelope.values_list("pk", flat=True)) >= lines


def _write_demands(option: Option, wanted: dict[UUID, int]) -> None:
    kept = {demand.line_id: demand for demand in option.demands.all()}
    for line in kept.keys() - wanted.keys():
        kept[line].delete()
    for line, amount in wanted.items():
        if line in kept:
            _update(kept[line], {"amount": amount})
        else:
            Demand.objects.create(option=option, line_id=line, amount=amount)
