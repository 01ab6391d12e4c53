from django.apps import AppConfig


class SamplesConfig(AppConfig):
    """Samples: what is where, on whose responsibility, until when."""

    name = "moonbridge.cooperation.samples"
    label = "samples"
