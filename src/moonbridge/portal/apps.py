from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The public face; it only reads."""

    name = "moonbridge.portal"
    label = "portal"
