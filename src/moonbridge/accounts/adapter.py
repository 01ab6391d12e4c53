"""How allauth's mails speak."""

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.sites.shortcuts import get_current_site

from moonbridge.accounts.models import User

SITE_NAME: Final = "Moonbridge"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Mails call the site by its name; without it they would name the host."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one of allauth's mails."""
        site = get_current_site(self.request)
        site.name = SITE_NAME
        super().send_mail(template_prefix, email, context | {"current_site": site})


def address(user: User) -> str:
    """Return what allauth calls a person: the address.

    Anybody may sign up with somebody else's address; what they typed as a name must not be mailed to its owner.
    """
    return user.email
