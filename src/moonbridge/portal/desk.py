"""What a person has to do: each of their roles asks its own stage."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet

from moonbridge.accounts.models import Role, RoleKind, User
from moonbridge.cooperation.opportunities import queries as opportunities
from moonbridge.cooperation.opportunities.models import Opportunity, StageDate
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.proposals import queries as proposals
from moonbridge.cooperation.proposals.models import Invitation, Proposal
from moonbridge.cooperation.review.models import Seat
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.samples.queries import lending


@dataclass
class Desk:
    """The desk of one person at one instant of the database's clock."""

    user: User
    now: datetime

    @cached_property
    def kinds(self) -> set[str]:
        """The kinds of roles that the person holds."""
        return set(Role.objects.filter(user=self.user).values_list("kind", flat=True))

    @property
    def proposals(self) -> QuerySet[Proposal]:
        """The proposals of the person's teams."""
        return proposals.mine(self.user).select_related("opportunity")

    @property
    def invitations(self) -> QuerySet[Invitation]:
        """Invitations to teams that the person has not answered."""
        return proposals.open_invitations(self.user)

    @property
    def agencies(self) -> QuerySet[Partner]:
        """The agencies whose office the person is."""
        return opportunities.agencies_of(self.user)

    @property
    def office(self) -> QuerySet[Opportunity]:
        """The office's opportunities that are not over yet."""
        running = opportunities.of_office(self.user).exclude(state__in=[State.DECIDED, State.CANCELLED])
        return running.select_related("agency").order_by("deadline", "title", "pk")

    @property
    def overdue(self) -> QuerySet[StageDate]:
        """Promised dates of the office that have passed unkept."""
        return opportunities.overdue(self.now).filter(opportunity__in=opportunities.of_office(self.user))

    @cached_property
    def seats(self) -> list[Seat]:
        """The seats that the person holds in panels."""
        held = Sight(self.user).seats().select_related("panel__round__opportunity")
        return list(held.order_by("panel__round__begun_at", "panel__position", "pk"))

    @property
    def lends_for(self) -> QuerySet[Partner]:
        """The lending agencies for which the person acts as curator or office."""
        return lending.agencies_lent_for(self.user)

    @property
    def audits(self) -> bool:
        """Whether the person audits the books of an agency."""
        return RoleKind.AUDITOR in self.kinds

    @property
    def is_curator(self) -> bool:
        """Whether the person looks after samples."""
        return RoleKind.CURATOR in self.kinds

    @property
    def is_empty(self) -> bool:
        """Whether the person has no role, no seat and no proposal yet."""
        return not self.kinds and not self.seats and not self.proposals.exists()
