"""What an office does to choose. Each verb is one transaction that checks, writes and appends to the record."""

from moonbridge.cooperation.selection.actions.afterwards import call_up, fulfil, lose, offer_reserve
from moonbridge.cooperation.selection.actions.deciding import draft_decision, publish_decision, replay_decision
from moonbridge.cooperation.selection.actions.forcing import force, unforce
from moonbridge.cooperation.selection.actions.recommending import cancel, carry_out, recommend
from moonbridge.cooperation.selection.actions.scenarios import keep_scenario, restore_scenario, withdraw_scenario
from moonbridge.cooperation.selection.actions.stating import (
    state_at_most,
    state_need,
    state_together,
    withdraw_statement,
)
from moonbridge.cooperation.selection.actions.studying import cancel_study, carry_out_study, study

__all__ = [
    "call_up",
    "cancel",
    "cancel_study",
    "carry_out",
    "carry_out_study",
    "draft_decision",
    "force",
    "fulfil",
    "keep_scenario",
    "lose",
    "offer_reserve",
    "publish_decision",
    "recommend",
    "replay_decision",
    "restore_scenario",
    "state_at_most",
    "state_need",
    "state_together",
    "study",
    "unforce",
    "withdraw_scenario",
    "withdraw_statement",
]
