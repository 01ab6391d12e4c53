from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Panels, reviews and scores, and where they came from."""

    name = "moonbridge.cooperation.review"
    label = "review"

    def ready(self) -> None:
        """Have reviews taken back when their proposal is withdrawn."""
        from moonbridge.cooperation.proposals import departures
        from moonbridge.cooperation.review.actions.departing import drop_out

        departures.listen(drop_out)
