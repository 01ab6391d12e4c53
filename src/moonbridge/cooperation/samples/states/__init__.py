"""The tables of transitions of the stage."""

from moonbridge.cooperation.samples.states.ledger import INCIDENTS, IncidentState

__all__ = ["INCIDENTS", "IncidentState"]
