"""What everybody may see of an opportunity: its page, documents, feed, calendar, and the promises that were not kept."""

from datetime import datetime

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moonbridge.cooperation import downloads
from moonbridge.cooperation.opportunities import queries, reading, rules
from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.sites import queries as places
from moonbridge.cooperation.sites.landing import year_for
from moonbridge.formats.calendar import Date, calendar
from moonbridge.record.queries import database_now


def page_context(request: HttpRequest, opportunity: Opportunity) -> dict[str, object]:
    """Return everything that the page of ``opportunity`` (from ``queries.for_page``) speaks of."""
    now = database_now()
    site, reckoned = opportunity.site, year_for(opportunity.mission, now.date()) if opportunity.site else None
    return {
        "opportunity": opportunity,
        "offers": reading.offers(opportunity),
        "clock": queries.stage_clock(opportunity, now),
        "total_weight": sum(criterion.weight for criterion in opportunity.criteria.all()),
        "tone": reading.tone(opportunity, now),
        "accepting": opportunity.state == State.OPEN
        and opportunity.deadline is not None
        and opportunity.deadline > now,
        "synthetic": opportunity.origin == Origin.SYNTHETIC,
        "replay": opportunity.origin == Origin.REPLAY,
        "lottery": reading.lottery_sentence(opportunity),
        "mode": [] if opportunity.origin == Origin.REPLAY else reading.mode_sentences(opportunity.review_mode),
        "reckoned": reckoned,
        "place": places.brief_of(site, reckoned.year) if site and reckoned else None,
        "is_office": rules.is_office(request.user, opportunity),
    }


@require_safe
def opportunity(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one opportunity. For a stranger the page holds nothing personal, so it can be kept and served to all."""
    found = get_object_or_404(queries.for_page(request.user), slug=slug)
    return render(request, "opportunities/opportunity.html", page_context(request, found))


@require_safe
def overdue(request: HttpRequest) -> HttpResponse:
    """List every promise that has passed unkept, of all agencies; moving a date takes no entry off this list."""
    now = database_now()
    entries = [(date, (now - (date.first_promised or date.promised or now)).days) for date in queries.overdue(now)]
    return render(request, "opportunities/overdue.html", {"entries": entries})


@require_safe
def document(request: HttpRequest, slug: str, key: str) -> FileResponse:
    """Hand out a document as a download, never for display, to those who may see its opportunity."""
    found = get_object_or_404(queries.documents(request.user), opportunity__slug=slug, pk=key)
    answer = downloads.kept_file(found)
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_safe
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the news of an opportunity as an Atom feed (RFC 4287)."""
    found = get_object_or_404(queries.for_page(request.user), slug=slug)
    page = _absolute("opportunity", slug)
    made = Atom1Feed(
        title=found.shown_title, link=page, description=found.shown_summary, language=get_language(), author_name=found.agency.name,
        feed_url=_absolute("opportunity-feed", slug), feed_guid=f"urn:uuid:{found.pk}",
    )  # fmt: skip
    for item in reading.news(found):
        made.add_item(
            title=_marked(found, f"{found.shown_title}: {item.title}"), link=f"{page}#{item.fragment}" if item.fragment else page,
            description=item.text, unique_id=f"{page}#{item.key}", pubdate=item.at, updateddate=item.at,
        )  # fmt: skip
    return HttpResponse(made.writeString("utf-8"), content_type=f"{Atom1Feed.content_type}")


@require_safe
def dates(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the promised dates of an opportunity as a calendar."""
    found = get_object_or_404(queries.for_page(request.user), slug=slug)
    now = database_now()
    answer = HttpResponse(
        calendar(_marked(found, found.shown_title), _calendar_dates(found, now), now=now),
        content_type="text/calendar; charset=utf-8",
    )
    answer["Content-Disposition"] = f'attachment; filename="{slug}.ics"'
    return answer


def _calendar_dates(found: Opportunity, now: datetime) -> list[Date]:
    page = _absolute("opportunity", found.slug)
    stages = [(stage, stage.kept or stage.promised) for stage in queries.stage_clock(found, now)]
    return [
        Date(
            uid=f"{found.pk}-{stage.stage}@moonbridge", at=at, title=f"{found.shown_title}: {stage.stage.label}",
            text=stage.note, url=page, sequence=found.version, tentative=stage.kept is None,
        )
        for stage, at in stages
        if at is not None
    ]  # fmt: skip


def _marked(found: Opportunity, title: str) -> str:
    """Return ``title``, marked where the opportunity is not a real one."""
    mark = {Origin.SYNTHETIC: _("synthetic"), Origin.REPLAY: _("replay")}.get(Origin(found.origin))
    return f"[{mark}] {title}" if mark else title


def _absolute(name: str, slug: str) -> str:
    return str(settings.BASE_URL).rstrip("/") + reverse(name, args=[slug])
