"""Ask about a place, work it out, cancel it, delete it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from moonbridge.accounts.actions import allow
from moonbridge.accounts.models import User
from moonbridge.cooperation.sites import answers, notices
from moonbridge.cooperation.sites.models import Study
from moonbridge.cooperation.sites.reports import checked_year
from moonbridge.cooperation.sites.rules import owns
from moonbridge.cooperation.sites.states import TRANSITIONS, State
from moonbridge.engines.moon.uncertainty import Ellipse, Place
from moonbridge.errors import Cancelled, MoonbridgeError, NotAllowed, Refused
from moonbridge.formats.coordinates import parse
from moonbridge.formats.terrain.store import Store
from moonbridge.record.actions import once

PER_HOUR: Final = 30
"""Studies that one person may ask for in an hour."""
MOST_RUNNING: Final = 3
HOUR: Final = timedelta(hours=1)
_PLACES: Final = Decimal("0.000001")


def study(asked: dict[str, Any], *, by: User, command: UUID) -> Study:
    """Ask about a place; ``asked`` holds the fields of :class:`~moonbridge.cooperation.sites.forms.StudyForm`.

    Raises :class:`InputError` for what is no place or no year, :class:`Refused` for too many studies at once or in an hour.
    """

    def act() -> str:
        place = parse(asked["place"])
        year = checked_year(asked["year"])
        if Study.objects.filter(by=by, state=State.RUNNING).count() >= MOST_RUNNING:
            raise Refused(_("Three of your studies are at work already; wait for one or cancel it."))
        if not allow(f"site-study:{by.pk}", times=PER_HOUR * settings.THROTTLE_FACTOR, within=HOUR):
            raise Refused(_("You asked for many studies within this hour; please wait a while."))
        latitude, longitude = (Decimal(str(degrees)).quantize(_PLACES) for degrees in place)
        rest = {name: asked[name] for name in ("name", "mast_m", "uncertainty_m", "across_m", "axis_deg", "snap_m")}
        begun = Study.objects.create(by=by, latitude_deg=latitude, longitude_deg=longitude, year=year, **rest)
        notices.begin(begun)
        return str(begun.pk)

    content = {name: value if value is None else str(value) for name, value in asked.items()}
    return Study.objects.get(pk=once(command, "sites.study", content, act, by=by))


def carry_out(held: Study) -> None:
    """Work a study out; one that is over is left alone, and one that is cancelled or deleted meanwhile stops."""
    if held.state != State.RUNNING:
        return
    try:
        found = answers.answer(_question(held), Store(settings.STATE / "terrain"), _telling(held))
    except Cancelled:
        return
    except MoonbridgeError as error:
        _end(held, "fail", refusal=error.as_dict())
    except BaseException:
        # nobody works on it any more, and a study that runs for ever would count among its maker's three
        _end(
            held, "fail", refusal={"sentence": _("The computation broke. Ask again, or tell whoever runs this server.")}
        )
        raise
    else:
        _end(held, "finish", answer=found, done=100)


def _question(held: Study) -> answers.Question:
    ellipse, across = None, held.across_m
    if held.uncertainty_m:
        ellipse = Ellipse(held.uncertainty_m, held.uncertainty_m if across is None else across, held.axis_deg)
    return answers.Question(Place(*held.place), held.year, float(held.mast_m), ellipse, held.snap_m)


def _telling(held: Study) -> answers.Tell:
    def tell(percent: int) -> None:
        if not Study.objects.filter(pk=held.pk, state=State.RUNNING).update(done=percent):
            raise Cancelled("the study was cancelled")

    return tell


@transaction.atomic
def _end(held: Study, verb: str, **found: Any) -> None:
    current = Study.objects.select_for_update().filter(pk=held.pk, state=State.RUNNING).first()
    if current is not None:
        current.state = TRANSITIONS.after(verb, current.state)
        for name, value in found.items():
            setattr(current, name, value)
        current.save(update_fields=["state", *found])


@transaction.atomic
def cancel(held: Study, *, by: User) -> None:
    """Stop a running study; cancelled twice, it is cancelled once."""
    current = Study.objects.select_for_update().get(pk=held.pk)
    if not owns(by, current):
        raise NotAllowed(_("This study is not yours."))
    if current.state != State.CANCELLED:
        current.state = TRANSITIONS.after("cancel", current.state)
        current.save(update_fields=["state"])


@transaction.atomic
def delete(held: Study, *, by: User) -> None:
    """Remove a study and its answer; one that runs stops."""
    if not owns(by, held):
        raise NotAllowed(_("This study is not yours."))
    Study.objects.filter(pk=held.pk).delete()
