"""Who sits in a panel, and what they carry."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.models import Duty, Panel, Review, Seat
from moonbridge.cooperation.review.queries.rounds import rounds_of_office
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE, ReviewState


@dataclass(frozen=True, slots=True)
class Load:
    """Somebody in a panel with the reviews of theirs that the reader may know of: given to them, and submitted."""

    seat: Seat
    given: int
    submitted: int
    least: int
    most: int

    @property
    def beyond(self) -> bool:
        """Whether they carry more than was agreed."""
        return self.given > self.most


def sitting(panel: Panel) -> QuerySet[Seat]:
    """Return who sits in ``panel`` now, by duty and label."""
    return panel.seats.filter(left_at=None).select_related("user", "for_team").order_by("duty", "label")


def people_of(panel: Panel) -> list[tuple[str, int]]:
    """Return how many people sit in ``panel`` with each duty, by its name."""
    counted = dict(panel.seats.filter(left_at=None).order_by().values_list("duty").annotate(n=Count("pk")))
    return [(str(duty.label), counted[duty]) for duty in Duty if duty in counted]


def loads(user: User, panel: Panel, seats: Iterable[Seat]) -> list[Load]:
    """Return the load of some of the seats of ``panel``, as far as ``user`` may know it; one query however many there are."""
    shown = list(seats)
    seen = Review.objects.filter(Sight(user).managed("item__"), seat__in=shown, state__in=sorted(ACTIVE))
    done = Count("pk", filter=Q(state=ReviewState.SUBMITTED))
    counted = seen.order_by().values_list("seat_id").annotate(given=Count("pk"), done=done)
    found: dict[UUID, tuple[int, int]] = {seat: (given, submitted) for seat, given, submitted in counted}
    return [_load(seat, panel, *found.get(seat.pk, (0, 0))) for seat in shown]


def _load(seat: Seat, panel: Panel, given: int, submitted: int) -> Load:
    least = panel.least if seat.least is None else seat.least
    most = panel.most if seat.most is None else seat.most
    return Load(seat, given, submitted, least, most)


def seats_run(user: User) -> QuerySet[Seat]:
    """Return the seats in panels of the agencies whose office ``user`` is."""
    kept = Seat.objects.filter(panel__round__in=rounds_of_office(user))
    return kept.select_related("panel__round__opportunity__agency", "user", "for_team")
