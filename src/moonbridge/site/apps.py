from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Settings, addresses, and the commands that run the house."""

    name = "moonbridge.site"
    label = "site"
