"""Tell later stages, in the same transaction, that a submitted proposal no longer stands: it was withdrawn, or merged into another."""

from collections.abc import Callable

from moonbridge.cooperation.proposals.models import Proposal

type Listener = Callable[[Proposal], None]

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have ``listener`` called for each proposal that stops standing; a stage says so once, when the site starts."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(proposal: Proposal) -> None:
    """Call every listener; the caller holds the proposal's lock."""
    for listener in _listeners:
        listener(proposal)
