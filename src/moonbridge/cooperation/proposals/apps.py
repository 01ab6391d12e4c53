from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    """What teams propose, alone or together."""

    name = "moonbridge.cooperation.proposals"
    label = "proposals"
