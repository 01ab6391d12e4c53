"""What the review keeps."""

from moonbridge.cooperation.review.models.conflicts import (
    Bid,
    Conflict,
    Declaration,
    Ground,
    KnownKind,
    KnownList,
    LateFinding,
    Source,
)
from moonbridge.cooperation.review.models.peers import SetAside
from moonbridge.cooperation.review.models.reviews import Allocation, Mark, Review, Verdict
from moonbridge.cooperation.review.models.rounds import (
    JUDGING,
    MANAGING,
    SITTING,
    STEERING,
    Descriptor,
    Duty,
    Item,
    Panel,
    PanelKind,
    RefereeInvitation,
    Remark,
    Reminder,
    Round,
    Seat,
)
from moonbridge.cooperation.review.models.scores import Calibration, Debrief, Preview, Score, ScoreTable, Withholding
from moonbridge.cooperation.review.models.searches import Found, Search

__all__ = [
    "JUDGING", "MANAGING", "SITTING", "STEERING", "Allocation", "Bid", "Calibration", "Conflict", "Debrief", "Declaration",
    "Descriptor", "Duty", "Found", "Ground", "Item", "KnownKind", "KnownList", "LateFinding", "Mark", "Panel", "PanelKind",
    "Preview", "RefereeInvitation", "Remark", "Reminder", "Review", "Round", "Score", "ScoreTable", "Search", "Seat", "SetAside",
    "Source", "Verdict", "Withholding",
]  # fmt: skip
