"""The one rule by which a submission is in time.

    The instant that counts is the database's clock when the server begins to handle the request. A request that begins at or
    before the deadline counts, provided that it is finished at most ten minutes after the deadline. Every other one is refused.

So a slow line or a crowd at the last minute harms nobody, and nobody's own clock matters. Letters of intent follow the same rule with
their own deadline. A draft can be written, read and exported after the deadline as before; it can no longer be submitted.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from moonbridge.cooperation.opportunities.actions.life import GRACE
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.errors import DeadlinePassed, WrongState
from moonbridge.record.queries import database_now


def begun(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give ``view`` as second argument the instant at which its request began, taken before the request's body is read.

    The forgery check reads the body; it is therefore done here, after the instant is taken, and not by the middleware before.
    """

    @wraps(view)
    def stamped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        at = database_now()
        return csrf_protect(lambda checked: view(checked, at, *args, **kwargs))(request)

    return csrf_exempt(stamped)


def require_in_time(opportunity: Opportunity, begun_at: datetime, now: datetime) -> None:
    """Raise unless a submission that began at ``begun_at`` and is being finished at ``now`` is in time."""
    deadline = opportunity.deadline
    if deadline is None or opportunity.state not in {State.OPEN, State.CLOSED}:
        raise WrongState(gettext("This call takes no proposals now."), state=opportunity.state)
    _require(deadline, begun_at, now)
    if opportunity.state == State.CLOSED and now < deadline:
        raise WrongState(gettext("The office has closed this call."), state=opportunity.state)


def require_letter_in_time(opportunity: Opportunity, begun_at: datetime, now: datetime) -> None:
    """Raise unless a letter of intent is in time; without a deadline of its own, the one for proposals counts."""
    require_in_time(opportunity, begun_at, now)
    if opportunity.letter_deadline is not None:
        _require(opportunity.letter_deadline, begun_at, now)


def _require(deadline: datetime, begun_at: datetime, now: datetime) -> None:
    if begun_at <= deadline and now <= deadline + GRACE:
        return
    raise DeadlinePassed(
        gettext("The deadline was %(deadline)s; this request began at %(begun)s. What you wrote stays in your draft.")
        % {"deadline": instant(deadline), "begun": instant(begun_at)},
        deadline=deadline.isoformat(),
        begun_at=begun_at.isoformat(),
        finished_at=now.isoformat(),
    )


def instant(at: datetime) -> str:
    """Return ``at`` to the millisecond in UTC."""
    return f"{at.astimezone(UTC).isoformat(sep=' ', timespec='milliseconds').removesuffix('+00:00')} UTC"


def over(opportunity: Opportunity, now: datetime) -> bool:
    """Return whether no submission can begin any more."""
    return opportunity.state != State.OPEN or opportunity.deadline is None or now > opportunity.deadline


def opened(opportunity: Opportunity, now: datetime) -> bool:
    """Return whether the office may open what it received (the rule of ``queries.visible_to``, for one call)."""
    passed = opportunity.deadline is not None and opportunity.deadline <= now
    return passed or opportunity.state in {State.CLOSED, State.DECIDED}
