"""The committee's marks, the allocation over many requests, and what is declined."""

import json
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples import notices
from moonbridge.cooperation.samples.actions.holding import held_request, policy_of, seal
from moonbridge.cooperation.samples.actions.requesting import again
from moonbridge.cooperation.samples.candidates import candidates
from moonbridge.cooperation.samples.models import Allocation, Assessment, Request
from moonbridge.cooperation.samples.models.asking import BEST_MARK
from moonbridge.cooperation.samples.rules.lending import may_assess, may_decide, officer
from moonbridge.cooperation.samples.states.lending import REQUESTS, RequestState
from moonbridge.engines.ledger.seal import commitment, digest
from moonbridge.engines.selection.explain import explain_all
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.sentences import sentence
from moonbridge.errors import InputError, NotAllowed, WrongState
from moonbridge.formats.calls.write import call_data
from moonbridge.record.actions import append, once

LANGUAGES = ("en", "zh")


def assess(request: Request, *, mark: int | None, conflict: str, comment: str, by: User, command: UUID) -> Assessment:
    """Give a submitted request a mark from 0 to 10, or declare a conflict of interest and give none; then one sees it no more.

    With whom a conflict is found or set, the request is not there for them to be judged.
    """

    def act() -> str:
        kept = held_request(request, by, may_assess)
        if kept.state != RequestState.SUBMITTED:
            raise WrongState(gettext("Only a submitted request can be judged."), state=kept.state)
        _require_one(mark, conflict)
        Assessment.objects.update_or_create(
            request=kept, by=by, defaults={"mark": mark, "conflict": conflict.strip(), "comment": comment.strip()}
        )
        # The office reads this chain, and some of it may have a conflict: the mark can be proven, and is not told.
        said = commitment({"mark": mark, "conflict": conflict.strip()}, str(command))
        seal(kept, "assess-sample-request", {"said": said}, by=by)
        return str(kept.pk)

    asked = {"request": str(request.pk), "mark": mark, "conflict": conflict, "comment": comment}
    key = once(command, "sample-request.assess", asked, act, by=by)
    return Assessment.objects.get(request_id=UUID(key), by=by)


def _require_one(mark: int | None, conflict: str) -> None:
    if bool(conflict.strip()) == (mark is not None):
        raise InputError(gettext("Give a mark, or say what your conflict of interest is."), field="mark")
    if mark is not None and not 0 <= mark <= BEST_MARK:
        raise InputError(gettext("A mark lies between 0 and %(best)d.") % {"best": BEST_MARK}, field="mark")


def allocate(agency: Partner, *, by: User, command: UUID) -> Allocation:
    """Work out which of the submitted requests together are worth most, given what can be lent; every answer with its reasons.

    Raises :class:`~moonbridge.errors.Refused` where no submitted request has a mark. It is a recommendation: an officer grants and
    declines.
    """

    def act() -> str:
        if not officer(by, agency.pk):
            raise NotAllowed("This is not yours to do.")
        problem = candidates(agency, policy_of(agency.pk))
        result = optimum(problem)
        data = call_data(problem)
        made = Allocation.objects.create(
            agency=agency, problem=data, problem_digest=digest(data), result=_told(result), by=by
        )
        facts = {"problem": made.problem_digest, "chosen": dict(sorted(result.choices.items()))}
        append("allocate-samples", f"agency/{agency.slug}", facts, agency=agency.slug, by=by)
        return str(made.pk)

    return Allocation.objects.get(pk=once(command, "samples.allocate", {"agency": str(agency.pk)}, act, by=by))


def _told(result: Any) -> dict[str, Any]:
    reasons = {
        name: {language: sentence(explanation, language) for language in LANGUAGES}
        for name, explanation in explain_all(result).items()
    }
    value: Fraction = result.value
    told = {"choices": dict(result.choices), "value": str(value), "proven": result.proven, "reasons": reasons}
    return dict(json.loads(json.dumps(told)))


def decline(request: Request, *, reason: str, by: User, command: UUID) -> Request:
    """Decline a request; the applicant is mailed the reason."""

    def act() -> str:
        kept = held_request(request, by, may_decide, "decline")
        if not reason.strip():
            raise InputError(gettext("Say why; the applicant reads it."), field="reason")
        kept.state, kept.decision_note = REQUESTS.after("decline", kept.state), reason.strip()
        kept.save(update_fields=["state", "decision_note"])
        seal(kept, "decline-sample-request", {"reason": commitment(reason.strip(), str(command))}, by=by)
        notices.tell_applicant(kept)
        return str(kept.pk)

    asked = {"request": str(request.pk), "reason": reason}
    return again(once(command, "sample-request.decline", asked, act, by=by))
