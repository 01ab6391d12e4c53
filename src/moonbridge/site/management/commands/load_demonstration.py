from typing import Any

from django.core.management.base import BaseCommand, CommandError

from moonbridge.errors import MoonbridgeError
from moonbridge.site.demonstration.loading import load


class Command(BaseCommand):
    """Load the demonstration; what is there already stays as it is."""

    help = "Loads replays of real calls and three synthetic calls, labelled as such; a second run changes nothing."

    def handle(self, **_options: Any) -> None:
        """Load, and say each step."""
        try:
            made = load(lambda title: self.stdout.write(f"  {title}"))
        except MoonbridgeError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"Demonstration: {made} opportunities loaded." if made else "Demonstration: there already.")
