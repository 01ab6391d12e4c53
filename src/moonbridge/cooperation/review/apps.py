from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Scores, and where they came from."""

    name = "moonbridge.cooperation.review"
    label = "review"
