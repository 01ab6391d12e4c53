"""Who may do what with a collection and its books."""

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, holds
from moonbridge.accounts.rules import predicate
from moonbridge.cooperation.samples.models import Collection


def _is_curator(user: Visitor, collection: Collection | None) -> bool:
    return collection is not None and holds(user, RoleKind.CURATOR, Scope.AGENCY, collection.agency_id)


def _is_auditor(user: Visitor, collection: Collection | None) -> bool:
    return collection is not None and holds(user, RoleKind.AUDITOR, Scope.AGENCY, collection.agency_id)


def _is_office(user: Visitor, collection: Collection | None) -> bool:
    return collection is not None and holds(user, RoleKind.OFFICE, Scope.AGENCY, collection.agency_id)


is_curator = predicate(_is_curator)
"""Takes in, splits, weighs, reconciles."""
may_countersign = predicate(_is_curator) | predicate(_is_office)
"""The second officer: another curator, or the programme office."""
may_release = predicate(_is_office)
"""Say that what an analysis left over may be lent: the programme office."""
may_read_books = predicate(_is_curator) | predicate(_is_auditor) | predicate(_is_office)
"""See the books as they are: curators, auditors and the office of the agency."""
