"""What the office and visitors type about opportunities."""

from moonbridge.cooperation.opportunities.forms.editor import Editor
from moonbridge.cooperation.opportunities.forms.small import (
    DocumentForm,
    ExtendForm,
    FollowForm,
    NewForm,
    ShiftForm,
    WordsForm,
)

__all__ = ["DocumentForm", "Editor", "ExtendForm", "FollowForm", "NewForm", "ShiftForm", "WordsForm"]
