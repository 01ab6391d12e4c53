"""The auditor's desk: the books as of any date, what changed, what was adjusted or written off, and proofs to take away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.samples.actions import auditing as acts
from moonbridge.cooperation.samples.models import Collection
from moonbridge.cooperation.samples.queries import auditing
from moonbridge.cooperation.samples.queries.custody import place_name
from moonbridge.cooperation.samples.queries.readable import agencies_read_by, collections_read_by
from moonbridge.cooperation.samples.queries.whereabouts import ORDER, whereabouts
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError
from moonbridge.ledger import log
from moonbridge.ledger import queries as books
from moonbridge.ledger.models import Checkpoint
from moonbridge.record.queries import database_now

PER_PAGE: Final = 50
MOST_CHANGES: Final = 200
"""Changed accounts that the page lists; the file has all of them."""
TABLES: Final = {
    "balances": ("account", "balance_ng", "set_aside_ng", "entries"),
    "changes": ("account", "before_ng", "after_ng", "difference_ng"),
    "adjustments": ("at", "movement", "account", "difference_ng", "reason", "signed_by", "second_officer", "explained"),
    "write-offs": ("at", "incident", "piece", "mass_ng", "missing_from", "public_note", "signed_by", "second_officer"),
}
"""What the desk hands out, with the columns of each."""


@dataclass(frozen=True, slots=True)
class Span:
    """The instants that the page is about: the books as of ``until``, compared with those as of ``since``."""

    until: datetime
    since: datetime | None = None
    now: bool = False


@never_cache
@login_required
@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    """List the books that one may read, with what each adds up to."""
    if not agencies_read_by(request.user).exists():
        raise Http404
    return render(request, "samples/audits.html", {"places": whereabouts(collections_read_by(request.user))})


def _collection(request: SignedInRequest, slug: str) -> Collection:
    return get_object_or_404(collections_read_by(request.user), slug=slug)


def _span(request: SignedInRequest) -> Span:
    """Return what was asked: instants in UTC, to the minute; a second one before the first."""
    until, since = (_instant(request.GET.get(name, "")) for name in ("at", "since"))
    if since and since > (until or database_now()):
        raise InputError(gettext("The first date has to be the earlier one."), field="since")
    return Span(until or database_now(), since, now=until is None)


def _instant(typed: str) -> datetime | None:
    if not typed.strip():
        return None
    try:
        found = parse_datetime(typed.strip())
    except ValueError:
        found = None
    if found is None:
        raise InputError(gettext("This is no date and time."), field="at", given=typed[:40])
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@never_cache
@login_required
@require_safe
def book(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show a book as of an instant: totals, what changed since another, adjustments, write-offs, checkpoints, audits."""
    collection, span = _collection(request, slug), _span(request)
    changed = auditing.changes(collection.book, span.since, span.until) if span.since else []
    totals = books.totals(collection.book) if span.now else auditing.totals_at(collection.book, span.until)
    context = {
        "collection": collection,
        "span": span,
        "totals": [(place_name(kind), kind, totals[kind]) for kind in (AccountKind.ORIGIN, *ORDER) if totals.get(kind)],
        "sum": sum(totals.values()),
        "changes": changed[:MOST_CHANGES],
        "more_changes": max(0, len(changed) - MOST_CHANGES),
        "adjustments": auditing.adjustments(collection, span.until),
        "write_offs": auditing.write_offs(collection, span.until),
        "checkpoints": auditing.checkpoints(collection.book)[:20],
        "audits": auditing.audits(collection)[:5],
        "filters": request.GET.urlencode(),
    }
    return render(request, "samples/audit.html", context)


@never_cache
@login_required
@require_safe
def table(request: SignedInRequest, slug: str, name: str, ending: str) -> HttpResponse:
    """Hand out the balances, the changes, the adjustments or the write-offs of a book."""
    collection, span = _collection(request, slug), _span(request)
    return downloads.table_file(f"{slug}-{name}", ending, TABLES[name], _rows(collection, span, name))


def _rows(collection: Collection, span: Span, name: str) -> Iterator[tuple[str | None, ...]]:
    match name:
        case "balances":
            for account, held in sorted(books.as_of(collection.book, span.until).items()):
                yield str(account), str(held.amount), str(held.held), str(held.version)
        case "changes":
            for one in auditing.changes(collection.book, span.since, span.until) if span.since else []:
                yield str(one.account), str(one.before), str(one.after), str(one.difference)
        case "adjustments":
            for found in auditing.adjustments(collection, span.until):
                yield (
                    found.movement.at.isoformat(), str(found.movement.pk), found.account, str(found.amount), found.movement.reason,
                    _name(found.signed_by), _name(found.second), "yes" if found.explained else "no",
                )  # fmt: skip
        case _:
            for lost in auditing.write_offs(collection, span.until):
                yield (
                    lost.at.isoformat(), str(lost.pk), lost.split.name, str(lost.mass), lost.missing_from, lost.public_note,
                    _name(lost.signed_by), _name(lost.countersigned_by),
                )  # fmt: skip


def _name(person: object | None) -> str:
    return str(person) if person else ""


@never_cache
@login_required
@require_safe
def movements(request: SignedInRequest, slug: str) -> HttpResponse:
    """List what moved, the newest first, each with its proof."""
    collection = _collection(request, slug)
    asked = {name: request.GET.get(name, "").strip()[:120].replace("\0", "") for name in ("account", "kind")}
    typed = request.GET.get("page", "1")
    number = max(1, int(typed)) if typed.isdecimal() and len(typed) < 6 else 1  # noqa: PLR2004 - no more pages than that
    start = (number - 1) * PER_PAGE
    found = list(auditing.movements(collection.book, **asked)[start : start + PER_PAGE + 1])
    context = {
        "collection": collection,
        "asked": asked,
        "kinds": [kind.value for kind in MovementKind],
        "movements": found[:PER_PAGE],
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if len(found) > PER_PAGE else None,
    }
    return render(request, "samples/movements.html", context)


@never_cache
@login_required
@require_safe
def proof(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Hand out the proof that a movement is in the signed log, and perhaps that nothing was rewritten since a checkpoint."""
    collection = _collection(request, slug)
    found = auditing.movement_of(collection.book, key)
    if found is None:
        raise Http404
    since = request.GET.get("since", "")
    earlier = _checkpoint(collection, int(since)) if since.isdecimal() and len(since) < 15 else None  # noqa: PLR2004 - a size of 14 digits
    return downloads.json_line(log.proof(found, since=earlier), f"{slug}-{found.pk}.json")


@never_cache
@login_required
@require_safe
def checkpoint(request: SignedInRequest, slug: str, size: int) -> HttpResponse:
    """Hand out a checkpoint with its signatures and, ``?since=``, the proof that an earlier one is its beginning."""
    collection = _collection(request, slug)
    later, since = _checkpoint(collection, size), request.GET.get("since", "")
    earlier = _checkpoint(collection, int(since)) if since.isdecimal() and len(since) < 15 else None  # noqa: PLR2004 - a size of 14 digits
    name = f"{slug}-{earlier.size}-{size}" if earlier else f"{slug}-{size}"
    return downloads.json_line(auditing.proof_between(later, earlier), f"{name}.json")


def _checkpoint(collection: Collection, size: int) -> Checkpoint:
    return get_object_or_404(auditing.checkpoints(collection.book), size=size)


@never_cache
@login_required
@require_safe
def whole_log(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    """Hand out the whole log of a book: it verifies by itself, with no database."""
    collection = _collection(request, slug)
    answer = StreamingHttpResponse(log.exported(collection.book), content_type="application/jsonl")
    answer["Content-Disposition"] = f'attachment; filename="{slug}.jsonl"'
    return answer


@never_cache
@login_required
@require_POST
def audit(request: SignedInRequest, slug: str) -> HttpResponse:
    """Audit the book: at once where it is small, by a job where it is large; the result is sealed and shown here."""
    collection = _collection(request, slug)
    done = acts.ask(collection, by=request.user, command=commands.of(request))
    said = (
        gettext("Audited.") if done else gettext("The book is large: the audit runs now, and its result appears here.")
    )
    messages.success(request, said)
    return redirect("samples-audit", slug=slug)
