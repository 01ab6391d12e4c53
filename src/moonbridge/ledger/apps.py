from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The books: amounts that are conserved, whatever they are amounts of."""

    name = "moonbridge.ledger"
    label = "ledger"
