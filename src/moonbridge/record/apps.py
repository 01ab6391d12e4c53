from django.apps import AppConfig


class RecordConfig(AppConfig):
    """The sealed log of decisions, and the ledger of commands already carried out."""

    name = "moonbridge.record"
    label = "record"
