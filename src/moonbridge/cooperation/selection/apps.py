from django.apps import AppConfig


class SelectionConfig(AppConfig):
    """The portfolio chosen, and why."""

    name = "moonbridge.cooperation.selection"
    label = "selection"
