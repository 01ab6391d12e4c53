"""Set a conflict between a member of the committee and a request as an officer, and lift one that was set or found."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.models import Ground, Source
from moonbridge.cooperation.samples.actions.holding import held_request, seal
from moonbridge.cooperation.samples.conflicts import Tie, standing
from moonbridge.cooperation.samples.models import Request, RequestConflict
from moonbridge.cooperation.samples.rules.lending import may_decide, officer
from moonbridge.cooperation.samples.rules.lending import member as judges
from moonbridge.errors import InputError, Refused, Stale
from moonbridge.record.actions import once


def bar(request: Request, user: User, *, ground: Ground, evidence: str, by: User, command: UUID) -> RequestConflict:
    """Set a conflict of ``user`` with a request: they see it no more, and a mark that they gave counts no more."""
    said = " ".join(evidence.split())[:500]

    def act() -> str:
        kept = held_request(request, by, may_decide)
        if not (judges(user, kept.agency_id) or officer(user, kept.agency_id)):
            raise InputError(gettext("Choose somebody of the committee or the office."), field="user")
        if user == by:
            raise Refused(gettext("Declare a conflict of your own where you would give your mark."))
        if not said:
            raise InputError(gettext("Write down why, in a few words."), field="evidence")
        told: dict[str, Any] = {
            "request": kept,
            "user": user,
            "source": Source.OFFICE,
            "ground": ground,
            "evidence": said,
        }
        made, _new = RequestConflict.objects.update_or_create(
            **told, defaults={"standing": True, "lifted_because": "", "by": by}
        )
        kept.assessments.filter(by=user, conflict="").delete()
        seal(kept, "set-request-conflict", {"conflict": str(made.pk)}, by=by)
        return str(made.pk)

    asked = {"request": str(request.pk), "user": str(user.pk), "ground": str(ground), "evidence": said}
    return RequestConflict.objects.get(pk=once(command, "sample-request.bar", asked, act, by=by))


def lift(request: Request, user: User, digest: str, *, reason: str, by: User, command: UUID) -> RequestConflict:
    """Let a conflict of ``user`` that was set or found count no more, with a written reason; what a member declares stays.

    ``digest`` names it: raises :class:`Stale` where none stands any more that is called so.
    """
    said = " ".join(reason.split())[:500]

    def act() -> str:
        kept = held_request(request, by, may_decide)
        if user == by:
            raise Refused(gettext("Nobody lifts a conflict of their own."))
        if not said:
            raise InputError(gettext("Write down why, in a few words."), field="reason")
        made = _lifted(_named(kept, user, digest), said, by)
        seal(kept, "lift-request-conflict", {"conflict": str(made.pk)}, by=by)
        return str(made.pk)

    asked = {"request": str(request.pk), "user": str(user.pk), "digest": digest, "reason": said}
    return RequestConflict.objects.get(pk=once(command, "sample-request.lift-conflict", asked, act, by=by))


def _named(request: Request, user: User, digest: str) -> Tie:
    found = next((tie for tie in standing([request], [user]) if tie.digest == digest), None)
    if found is None:
        raise Stale(gettext("This conflict is settled already, or is not found any more; look at the new list."))
    if found.source == Source.REVIEWER:
        raise Refused(gettext("What somebody declared of themselves is not lifted."))
    return found


def _lifted(tie: Tie, reason: str, by: User) -> RequestConflict:
    told: dict[str, Any] = {"request_id": tie.request, "user_id": tie.user, "source": tie.source, "ground": tie.ground}
    made, _new = RequestConflict.objects.update_or_create(
        **told, evidence=tie.evidence, defaults={"standing": False, "lifted_because": reason, "by": by}
    )
    return made
