from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The JSON interface, one router per stage."""

    name = "moonbridge.api"
    label = "api"
