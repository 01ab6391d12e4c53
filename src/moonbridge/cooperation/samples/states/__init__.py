"""How things of this stage live: what is kept (``ledger``), what is asked for and lent (``lending``)."""

from moonbridge.cooperation.samples.states.ledger import INCIDENTS, REWEIGHINGS
from moonbridge.cooperation.samples.states.lending import LOANS, REQUESTS

__all__ = ["INCIDENTS", "LOANS", "REQUESTS", "REWEIGHINGS"]
