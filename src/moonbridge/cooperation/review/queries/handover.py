"""What was handed over, and the marks that somebody may see."""

from django.db.models import QuerySet

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.review.models import Calibration, Mark, Round
from moonbridge.cooperation.review.queries.scores import current_table
from moonbridge.cooperation.review.sight import Sight, masked
from moonbridge.cooperation.review.states import ReviewState


def calibration_counting(opportunity: Opportunity) -> Calibration | None:
    """Return the calibration of the newest table where its merits count; None where raw means do."""
    return Calibration.objects.filter(table=current_table(opportunity), counts=True).first()


def marks_seen(user: Visitor, round_: Round) -> QuerySet[Mark]:
    """Return the submitted marks that ``user`` may see here, in a fixed order; ``seat`` is None where the author is hidden."""
    sight = Sight(user)
    found = Mark.objects.filter(
        sight.marks("review__"),
        review__item__panel__round=round_,
        review__state=ReviewState.SUBMITTED,
        value_permille__isnull=False,
    )
    named = found.annotate(seat=masked("review__seat_id", sight.authors("review__")))
    return named.select_related("criterion", "review__item__proposal").order_by(
        "review__item__proposal__code", "review__item__panel__position", "seat", "criterion__position", "pk"
    )
