"""Begin the review of an opportunity and lead it from step to step."""

from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.rules import is_office, require
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.review.models import Item, Panel, Round
from moonbridge.cooperation.review.readiness import lacks, standing
from moonbridge.cooperation.review.states import ROUND, RoundState
from moonbridge.errors import Refused, Stale, WrongState
from moonbridge.record.actions import append, once
from moonbridge.record.queries import database_now


def begin(opportunity: Opportunity, *, by: User, command: UUID) -> Round:
    """Begin the review of a closed call, as its office: in the mode that the call announced, with one science panel.

    The panel judges every submitted proposal by all criteria of the call; the office changes that before reviews are assigned.
    """

    def act() -> str:
        held = held_by_office(opportunity, by)
        if held.state != State.CLOSED:
            raise WrongState(
                gettext("A review begins when the call is closed and ends before the decision."), state=held.state
            )
        if Round.objects.filter(opportunity=held).exists():
            raise WrongState(gettext("The review of this call has begun already."))
        made = Round.objects.create(opportunity=held, mode=held.review_mode, begun_by=by)
        before = _first_panel(made)
        append(
            "begin review", held.address, {"mode": made.mode, "proposals": str(before)}, agency=held.agency.slug, by=by
        )
        return str(made.pk)

    return again(once(command, "review.begin", {"opportunity": str(opportunity.pk)}, act, by=by))


def _first_panel(round_: Round) -> int:
    """Make the panel that judges everything, and return how many proposals are before it."""
    panel = Panel.objects.create(round=round_, name=gettext("Science panel"))
    panel.criteria.set(round_.opportunity.criteria.all())
    submitted = round_.opportunity.proposals.filter(state=ProposalState.SUBMITTED)
    made = Item.objects.bulk_create(Item(panel=panel, proposal=proposal) for proposal in submitted)
    return len(made)


def advance(
    round_: Round, verb: str, *, by: User, command: UUID, version: int | None = None, confirmed: bool = False
) -> Round:
    """Take the step ``verb`` of the table ROUND, as the office.

    Raises :class:`Refused` with what is missing in ``numbers["missing"]``; what is usual but not necessary may be missing if the
    person has ``confirmed`` it. ``version`` is the one that the person has read; another one raises :class:`Stale`.
    """

    def act() -> str:
        held = held_round(round_, by, version=version)
        state = ROUND.after(verb, held.state)
        _require_ready(held, verb, by=by, confirmed=confirmed)
        held.state, held.version = RoundState(state), held.version + 1
        held.concluded_at = database_now() if state == RoundState.CONCLUDED else None
        held.save(update_fields=["state", "version", "concluded_at"])
        seal(held, f"review: {verb}", {"state": state}, by=by)
        return str(held.pk)

    asked = {"round": str(round_.pk), "verb": verb, "version": version, "confirmed": confirmed}
    return again(once(command, "review.advance", asked, act, by=by))


def _require_ready(round_: Round, verb: str, *, by: User, confirmed: bool) -> None:
    found = lacks(standing(round_, by=by), verb)
    if any(lack.necessary for lack in found) or (found and not confirmed):
        sentences = [lack.sentence for lack in found]
        raise Refused(gettext("This step is not ready: %(what)s") % {"what": " ".join(sentences)}, missing=sentences)


def held_round(round_: Round, by: User, *, version: int | None = None) -> Round:
    """Lock the round and return it as it stands now; only the office gets it, and only in the ``version`` it has read."""
    locked = Round.objects.select_for_update(of=("self",), no_key=True).select_related("opportunity__agency")
    held = locked.get(pk=round_.pk)
    require(is_office, by, held.opportunity)
    if version is not None and held.version != version:
        raise Stale(
            gettext("Somebody else led the review on since you read this page; nothing was changed."),
            read=version,
            now=held.version,
        )
    return held


def held_running(round_: Round, by: User) -> Round:
    """Lock a round that is not concluded yet; after that nothing of it changes."""
    held = held_round(round_, by)
    if held.state == RoundState.CONCLUDED:
        raise WrongState(gettext("This review is concluded."), state=held.state)
    return held


def seal(round_: Round, verb: str, facts: dict[str, str], *, by: User | None) -> None:
    """Append a decision on a review to the chain of its agency; ``facts`` hold ids and words, never a score or a name."""
    append(verb, round_.opportunity.address, facts, agency=round_.opportunity.agency.slug, by=by)


def again(key: str | UUID) -> Round:
    """Return the round with this id as it stands now."""
    return Round.objects.select_related("opportunity__agency").get(pk=key)
