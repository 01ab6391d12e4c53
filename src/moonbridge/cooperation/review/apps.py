from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Panels, reviews and scores, and where they came from."""

    name = "moonbridge.cooperation.review"
    label = "review"

    def ready(self) -> None:
        """Have reviews taken back when their proposal is withdrawn, and teams find what they owe to others."""
        from moonbridge.cooperation.proposals import departures, signposts
        from moonbridge.cooperation.review.actions.departing import drop_out
        from moonbridge.cooperation.review.signposts import to_duty

        departures.listen(drop_out)
        signposts.put_up(to_duty)
