"""What an office does to choose. Each verb is one transaction that checks, writes and appends to the record."""

from moonbridge.cooperation.selection.actions.afterwards import call_up, fulfil, lose
from moonbridge.cooperation.selection.actions.deciding import draft_decision, publish_decision, replay_decision
from moonbridge.cooperation.selection.actions.forcing import force, unforce
from moonbridge.cooperation.selection.actions.recommending import cancel, carry_out, recommend

__all__ = [
    "call_up",
    "cancel",
    "carry_out",
    "draft_decision",
    "force",
    "fulfil",
    "lose",
    "publish_decision",
    "recommend",
    "replay_decision",
    "unforce",
]
