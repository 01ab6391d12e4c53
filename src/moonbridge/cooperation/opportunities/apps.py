from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    """What an agency offers, until when, and what everybody asked about it."""

    name = "moonbridge.cooperation.opportunities"
    label = "opportunities"
