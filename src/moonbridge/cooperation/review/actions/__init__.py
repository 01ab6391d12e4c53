"""Everything that changes reviews."""

from moonbridge.cooperation.review.actions.handover import hand_over
from moonbridge.cooperation.review.actions.scores import read_for, upload_scores

__all__ = ["hand_over", "read_for", "upload_scores"]
