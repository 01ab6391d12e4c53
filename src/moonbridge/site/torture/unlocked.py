"""The site with lending deliberately unlocked, to show that the races find double lends where there are some. Never served to anybody.

Granting takes no lock here; the movement function of the scratch server is unlocked by the races themselves.
"""

from collections.abc import Iterable

from moonbridge.site.wsgi import application

__all__ = ["application"]


def no_lock(book: object, accounts: Iterable[object]) -> None:
    """Lock nothing."""
    del book, accounts


def _unlock() -> None:
    from moonbridge.cooperation.samples.actions import granting  # only now: the site above has set its models up

    vars(granting)["lock"] = no_lock


_unlock()
