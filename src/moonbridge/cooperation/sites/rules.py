"""Who may do what with a study."""

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.sites.models import Study


def owns(user: Visitor, study: Study) -> bool:
    """Return whether ``user`` made the study: nobody else ever sees or touches it."""
    return user.is_authenticated and study.by_id == user.pk
