"""What has to be in place before the site can serve: tables, translations, the catalogue, static files.

Every step may be repeated at any time; done work is left alone.
"""

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import django
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from moonbridge.errors import MoonbridgeError
from moonbridge.schema import left_on_the_way
from moonbridge.site import environment
from moonbridge.site.messages import compile_messages


class PreparationError(MoonbridgeError):
    """A step failed; the sentence says which, why, and the way out."""

    code = "preparation"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to bring in place, in words for the person who waits for it."""

    words: str
    do: Callable[[], object]

    def run(self) -> None:
        """Do it; raise PreparationError where it fails."""
        with explained(self.words):
            self.do()


def steps(*, demonstration: bool) -> list[Step]:
    """Return the steps in their order, with or without the demonstration's content."""
    content = [Step("loading the catalogue", _command("load_catalogue"))]
    if demonstration:
        content.append(Step("loading the demonstration", _command("load_demonstration")))
    return [
        Step("starting the database", environment.start_database),
        Step("compiling the translations", compile_messages),
        Step("bringing the tables up to date", _migrate),
        *content,
        Step("collecting the static files", _command("collectstatic", interactive=False)),
    ]


def set_up_django() -> None:
    """Load the settings and the applications, and have the database run while this process lives.

    Every command that needs Django begins with it. Raises PreparationError where the environment lacks a setting.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moonbridge.site.settings")
    try:
        if not apps.ready:  # a second set-up would only take the log away from whoever reads it
            django.setup()
    except ImproperlyConfigured as error:
        raise PreparationError(str(error)) from error
    environment.start_database()


def _migrate() -> None:
    set_up_django()
    if older := left_on_the_way(connection):
        raise PreparationError(
            f"These tables were made by an older version, which had not taken all its steps: {', '.join(older)}. Run "
            "`moonbridge prepare` of the last version before 22 November 2026 once; a demonstration begins afresh with `make demo-reset`."
        )
    _command("migrate", interactive=False)()


def _command(name: str, **options: object) -> Callable[[], None]:
    def call() -> None:
        set_up_django()
        call_command(name, verbosity=0, stdout=io.StringIO(), **options)

    return call


@contextmanager
def explained(words: str) -> Iterator[None]:
    """Turn what the database, a command or the disk refuses during a step into one sentence."""
    try:
        yield
    except (DatabaseError, CommandError, OSError) as error:
        full = getattr(error, "errno", None) == errno.ENOSPC or "No space left on device" in str(error)
        way_out = (
            "the disk is full: make room, then start again"
            if full
            else "begin afresh with `make demo-reset` if it stays so"
        )
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise PreparationError(f"The step “{words}” failed ({reason}): {way_out}") from error
