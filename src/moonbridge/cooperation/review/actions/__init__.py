"""Everything that changes reviews."""

from moonbridge.cooperation.review.actions.scores import read_for, upload_scores

__all__ = ["read_for", "upload_scores"]
