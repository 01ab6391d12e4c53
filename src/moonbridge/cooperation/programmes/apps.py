from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    """The catalogue: agencies, missions, elements, partners, and every public fact with its source."""

    name = "moonbridge.cooperation.programmes"
    label = "programmes"
