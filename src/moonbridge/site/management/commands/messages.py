"""``manage.py messages``: collect the interface's messages into the catalogues, say what is untranslated, compile."""

from typing import Any

from django.core.management.base import BaseCommand

from moonbridge.site import extraction
from moonbridge.site.messages import compile_messages


class Command(BaseCommand):
    """Bring the translations up to date."""

    help = "Collect the interface's messages into site/locale/*/LC_MESSAGES/django.po, name the untranslated ones, and compile."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Update each catalogue; exit with 1 where a message is missing."""
        template = extraction.extracted()
        missing = [line for path in extraction.catalogues() for line in self._updated(path, template)]
        compile_messages()
        if missing:
            self.stderr.write("\n".join(missing))
            raise SystemExit(1)

    def _updated(self, path: Any, template: Any) -> list[str]:
        catalogue = extraction.update(path, template)
        return [f"{path.parts[-3]}: {message}" for message in extraction.lacking(catalogue, template)]
