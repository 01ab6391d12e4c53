"""How a long work tells how far it is, and how it is stopped within a second.

Whoever waits passes ``progress`` (called with what is done, of how many, of what) and ``cancelled`` (asked whether to
stop; an event's ``is_set``, or a look into a database). Both are called in the thread that asked for the work, so they
may use what belongs to that thread.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Final

from moonbridge.errors import Cancelled

type Cancel = Callable[[], bool]
"""Whether whoever asked for the work no longer wants it."""
type Progress = Callable[[int, int, str], None]
"""Told how much is done, of how much, of what (``"proposals"``, ``"draws"``, ``"points"``, ``"stages"``)."""

_STOPPED: Final = "the work was stopped before it was complete"
EVERY_S: Final = 0.25
"""How often a running work is asked whether to stop."""


def check(cancelled: Cancel | None) -> None:
    """Raise :class:`~moonbridge.errors.Cancelled` if the work is no longer wanted."""
    if cancelled is not None and cancelled():
        raise Cancelled(_STOPPED)


def stoppable[T](work: Callable[[], T], stop: Callable[[], None], cancelled: Cancel | None) -> T:
    """Return what ``work`` returns; if it is cancelled before, call ``stop``, wait until it ends, and raise Cancelled.

    The work runs in another thread, while this one asks four times a second. Ctrl-C stops it in the same way; it is heard in the main
    thread only, so that in others work without ``cancelled`` needs no thread of its own.
    """
    if cancelled is None and threading.current_thread() is not threading.main_thread():
        return work()
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            running = pool.submit(work)
            while not wait([running], timeout=EVERY_S).done:
                check(cancelled)
        except (Cancelled, KeyboardInterrupt):
            stop()
            ended = pool.submit(bool)  # its turn comes when the work has ended
            while not wait([ended], timeout=EVERY_S).done:
                stop()  # again and again: a solver that has not quite begun yet does not hear it
            raise
    return running.result()


def watched[T](items: Sequence[T], what: str, progress: Progress | None, cancelled: Cancel | None) -> Iterator[T]:
    """Yield the items; before each ask whether to stop, and after each tell how many are done."""
    for number, item in enumerate(items):
        check(cancelled)
        yield item
        if progress is not None:
            progress(number + 1, len(items), what)


def drained[T](
    results: Iterable[T], size: int, what: str, progress: Progress | None, cancelled: Cancel | None
) -> list[T]:
    """Return the results that somebody else computes, in their order, telling and asking in between."""
    done: list[T] = []
    check(cancelled)
    for result in results:
        done.append(result)
        if progress is not None:
            progress(len(done), size, what)
        check(cancelled)
    return done
