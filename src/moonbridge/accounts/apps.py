from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, sign-in and roles."""

    name = "moonbridge.accounts"
    label = "accounts"
