"""The site with lending deliberately unlocked, to show that the races find double lends where there are some. Never served to anybody.

Granting takes no lock here; the movement function of the scratch server is unlocked by the races themselves.
"""

from collections.abc import Iterable

from moonbridge.site.wsgi import application

__all__ = ["application"]


def no_locks(wanted: Iterable[object]) -> None:
    """Lock nothing."""
    del wanted


def _unlock() -> None:
    from moonbridge.cooperation.samples.actions import granting  # only now: the site above has set its models up

    taken = vars(granting)
    if "lock_accounts" not in taken:
        raise RuntimeError("Granting does not lock as the unlocked variant expects.")
    taken["lock_accounts"] = no_locks


_unlock()
