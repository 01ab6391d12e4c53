"""`manage.py load_catalogue [FOLDER]`: bring the catalogue's files into the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from moonbridge.cooperation.programmes.actions import load_catalogue
from moonbridge.formats.catalogue import load


class Command(BaseCommand):
    """Bring the catalogue's files into the database; a folder that cannot be read changes nothing."""

    help = "Bring the catalogue's files into the database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a folder, and whether to write even if nothing changed."""
        parser.add_argument("folder", nargs="?", type=Path, help="default: the catalogue that comes with Moonbridge")
        parser.add_argument("--again", action="store_true", help="write even if the files have not changed")

    def handle(self, **options: Any) -> None:
        """Load, and say in one line what is there now."""
        loaded = load_catalogue(load(options["folder"]), again=options["again"])
        what = "loaded" if loaded.changed else "already loaded"
        self.stdout.write(f"{what}: {loaded.missions} missions, {loaded.claims} claims, digest {loaded.digest[:12]}")
