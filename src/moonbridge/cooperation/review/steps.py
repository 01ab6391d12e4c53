"""The steps of a review in words, and which one comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.models import ReviewMode
from moonbridge.cooperation.review.models import Round
from moonbridge.cooperation.review.states import ROUND, RoundState


@dataclass(frozen=True, slots=True)
class Step:
    """What a verb of the table ROUND is called, and what it brings about."""

    verb: str
    name: Promise
    effect: Promise


STEPS: Final = {
    step.verb: step
    for step in (
        Step(
            "ask",
            _("Ask for declarations"),
            _("Everybody seated is asked to declare conflicts and to bid. They see codes and titles, nothing else."),
        ),
        Step("start", _("Start the reviews"), _("Reviewers open what is assigned to them, and write.")),
        Step(
            "discuss",
            _("Open the discussion"),
            _("The members of a panel see each other's submitted reviews from now on, and panels meet."),
        ),
        Step("resume", _("Go back to writing"), _("The members of a panel see their own reviews only, as before.")),
        Step(
            "unseal",
            _("Lock the marks and open the sealed parts"),
            _("No mark changes any more; the panels learn who proposes."),
        ),
        Step("conclude", _("Conclude the review"), _("Nothing of the review changes any more. This cannot be undone.")),
    )
}

MODES: Final[Mapping[str, Promise]] = {
    ReviewMode.OPEN: _("Reviewers know who proposes, and teams are told who reviewed them."),
    ReviewMode.REVIEWER_BLIND: _("Reviewers know who proposes; teams never learn who reviewed them."),
    ReviewMode.DUAL: _(
        "Reviewers do not learn who proposes until the marks are locked; teams never learn who reviewed them. The office "
        "and the secretaries know both sides, so that conflicts are found."
    ),
}
"""What each mode means, for the people of the office."""

_NEXT: Final = {
    RoundState.PREPARING: "ask",
    RoundState.DECLARING: "start",
    RoundState.REVIEWING: "discuss",
    RoundState.DISCUSSING: "conclude",
    RoundState.CHECKING: "conclude",
}


def next_step(round_: Round) -> Step | None:
    """Return the step that usually comes next; None after the last."""
    if round_.state == RoundState.DISCUSSING and round_.is_dual:
        return STEPS["unseal"]
    verb = _NEXT.get(RoundState(round_.state))
    return STEPS[verb] if verb else None


def other_steps(round_: Round) -> list[Step]:
    """Return the other steps that are possible now."""
    usual = next_step(round_)
    possible = [verb for verb, (sources, _target) in ROUND.table.items() if round_.state in sources]
    sealed = round_.is_dual
    return [step for verb, step in STEPS.items() if verb in possible and step != usual and (sealed or verb != "unseal")]
