from django.apps import AppConfig


class SitesConfig(AppConfig):
    """Places on the Moon: a year of Sun, Earth and relay, and studies of any other place."""

    name = "moonbridge.cooperation.sites"
    label = "sites"
