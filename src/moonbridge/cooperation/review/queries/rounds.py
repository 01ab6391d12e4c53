"""Which reviews of opportunities a person has to do with."""

from collections.abc import Iterable

from django.db.models import QuerySet

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.review.models import Duty, Panel, Round
from moonbridge.cooperation.review.sight import Sight


def rounds_of_office(user: Visitor) -> QuerySet[Round]:
    """Return the rounds of the agencies whose office ``user`` is."""
    return Round.objects.filter(opportunity__agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY))


def panels_seated(user: Visitor, duties: Iterable[Duty] = tuple(Duty)) -> QuerySet[Panel]:
    """Return the panels in which ``user`` holds a seat now, with one of these duties."""
    return Panel.objects.filter(pk__in=Sight(user).seats(duties).values("panel_id"))


def panels_run(user: Visitor, duties: Iterable[Duty]) -> QuerySet[Panel]:
    """Return the panels that ``user`` runs: as the agency's office, or from a seat with one of these duties."""
    return Panel.objects.filter(round__in=rounds_of_office(user)) | panels_seated(user, duties)
