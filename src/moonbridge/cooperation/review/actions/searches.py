"""Have a job search a large round for conflicts, stop it, and let the calendar search each round."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from moonbridge.accounts.models import User
from moonbridge.cooperation.review import notices
from moonbridge.cooperation.review.actions.conflicts import detect_quietly, keep_quietly
from moonbridge.cooperation.review.actions.holding import held_round
from moonbridge.cooperation.review.detecting import (
    Finding,
    Told,
    kept_of,
    no_longer_found,
    rechecked,
    searched,
    unsettled,
)
from moonbridge.cooperation.review.models import STEERING, Found, Item, Round, Search
from moonbridge.cooperation.review.reach import panels_run
from moonbridge.cooperation.review.searches import is_large, new_of, recheck_of, running
from moonbridge.cooperation.review.states import SEARCH, SearchState
from moonbridge.errors import Cancelled, MoonbridgeError, NotAllowed
from moonbridge.record.queries import database_now

BROKE: Final = gettext_noop(
    "The search broke off: a fault of the program. Search again; the log of this site has the fault."
)
"""In English in what is kept; pages translate it."""
_ALMOST: Final = 95
"""Percent that are shown when everything is compared: what was found is still to be written down."""
_BATCH: Final = 2000


@transaction.atomic
def ask(round_: Round, *, by: User) -> Search | None:
    """Let a job search a large round, as its office or the secretary of one of its panels, and return the search.

    One runs at a time: while it does, it is the one that is returned, whoever asked for it. A small round is searched while a page
    waits, so that nothing happens here: None.
    """
    held = _steered(round_, by)
    if not is_large(held):
        return None
    return running(held.pk).first() or _begun(held, by)


def _steered(round_: Round, by: User) -> Round:
    held = held_round(round_.pk)
    if not panels_run(by, STEERING).filter(round=held).exists():
        raise NotAllowed("Only the office and the panels' secretaries search for conflicts.")
    return held


def _begun(round_: Round, by: User | None) -> Search:
    made = Search.objects.create(round=round_, by=by)
    notices.search(made)
    return made


@transaction.atomic
def cancel(round_: Round, *, by: User) -> None:
    """Stop the search; cancelled twice, it is cancelled once. What an earlier one found stays."""
    for current in running(_steered(round_, by).pk).select_for_update():
        _end(current, "cancel")


def _end(search: Search, verb: str) -> None:
    search.state, search.ended_at = SearchState(SEARCH.after(verb, search.state)), database_now()
    search.save(update_fields=["state", "ended_at", "done", "refusal"])


@transaction.atomic
def look_again(round_: UUID) -> None:
    """Search a whole round without ending any review; for the worker. What it finds is kept, or waits for somebody to settle it.

    A large round is searched by a job that people see and can cancel; while one runs, no other begins.
    """
    held = held_round(round_)
    if not is_large(held):
        detect_quietly(round_)
    elif not running(round_).exists():
        _begun(held, None)


@transaction.atomic
def look_at(round_: UUID, proposal: UUID) -> None:
    """Search one proposal anew, of which a conflict was settled, since the same tie may be there on other evidence.

    What waits now is told beside what the newest search has found.
    """
    held = held_round(round_)
    found = rechecked(Item.objects.filter(panel__round=held, proposal=proposal), teams=True)
    keep_quietly(held, found, proposal)
    for newest in held.searches.filter(state=SearchState.FOUND):
        newest.found.filter(proposal=proposal).delete()
        _write(newest, found.broken)


def carry_out(search: Search) -> None:
    """Search, in a job; a search that is over is left alone, and one that is cancelled meanwhile stops.

    Nobody waits for it: the round is locked only to say that it is found, and, where the calendar asked, to keep it.
    """
    if not _is_wanted(search):
        return
    try:
        _search(search)
        _finish(search)
    except Cancelled:
        return
    except MoonbridgeError as error:
        _fail(search, error)
    except BaseException:
        _fail(search, MoonbridgeError(BROKE))
        raise


def _is_wanted(search: Search) -> bool:
    return Search.objects.filter(pk=search.pk, state=SearchState.RUNNING).exists()


def _search(search: Search) -> None:
    """Write down what is new and what is gone. Nobody reads it before the search is finished; begun again, it is written anew."""
    items = Item.objects.filter(panel__round=search.round_id)
    found = searched(items, teams=True, told=_telling(search))
    kept = list(kept_of(items, teams=True))
    with transaction.atomic():
        search.found.all().delete()
        _write(search, unsettled(found, kept))
        search.gone.set(no_longer_found(found, kept, items))


def _write(search: Search, found: Iterable[Finding]) -> None:
    rows = [
        Found(
            search=search, proposal_id=one.proposal, user_id=one.user, source=one.source, ground=one.ground,
            evidence=one.evidence, certain=one.certain,
        )
        for one in found
    ]  # fmt: skip
    Found.objects.bulk_create(rows, batch_size=_BATCH)


def _telling(search: Search) -> Told:
    """Return what writes down how far the search is, in percent, and stops it where nobody waits for it any more."""
    wanted = Search.objects.filter(pk=search.pk, state=SearchState.RUNNING)

    def tell(done: int, of: int) -> None:
        if not wanted.update(done=_ALMOST * done // of):
            raise Cancelled("nobody waits for this search any more")

    return tell


@transaction.atomic
def _finish(search: Search) -> None:
    held = held_round(search.round_id)
    current = Search.objects.select_for_update(of=("self",)).get(pk=search.pk)
    if current.state != SearchState.RUNNING:
        return
    current.done = 100
    _end(current, "finish")
    held.searches.exclude(pk=current.pk).delete()
    if current.by_id is None:
        keep_quietly(held, recheck_of(new_of(current)))


@transaction.atomic
def _fail(search: Search, error: MoonbridgeError) -> None:
    current = Search.objects.select_for_update(of=("self",)).get(pk=search.pk)
    if current.state == SearchState.RUNNING:
        current.refusal = error.as_dict()
        _end(current, "fail")
