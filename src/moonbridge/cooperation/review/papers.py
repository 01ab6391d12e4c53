"""The minutes of a panel's meeting as a paper."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.models import Origin
from moonbridge.cooperation.opportunities.templatetags.opportunities import named
from moonbridge.cooperation.review.models import Item, Panel
from moonbridge.cooperation.review.states import ItemState
from moonbridge.formats.paper import Block, Facts, Heading, Paper, Paragraph


def minutes_paper(panel: Panel, items: Sequence[Item], absent: Mapping[object, Sequence[str]]) -> Paper:
    """Return the minutes of a panel over ``items``; ``absent`` holds who left the room, by proposal."""
    call = panel.round.opportunity
    last = max((item.closed_at for item in items if item.closed_at), default=None)
    return Paper(
        title=_("Minutes: %(panel)s") % {"panel": panel.name},
        subtitle=call.shown_title,
        issuer=named(call.agency),
        date=last.date() if last else None,
        blocks=tuple(_blocks(items, absent)),
        language=get_language() or "en",
        reference=f"{call.slug}-{panel.position}",
        label="" if call.origin == Origin.REAL else call.get_origin_display(),
    )


def _blocks(items: Sequence[Item], absent: Mapping[object, Sequence[str]]) -> Iterator[Block]:
    closed = sum(item.state == ItemState.CLOSED for item in items)
    yield Paragraph(
        _("%(closed)s of %(count)s proposals were discussed. Confidential.") % {"closed": closed, "count": len(items)}
    )
    for item in items:
        yield Heading(f"{item.proposal.code} {item.proposal.title}")
        yield Facts(tuple(_facts(item, absent.get(item.proposal_id, []))))


def _facts(item: Item, absent: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield _("Discussion"), _told(item)
    if absent:
        yield _("Left the room"), ", ".join(absent)
    yield _("Consensus"), item.consensus or "–"
    yield _("Comment to the team"), item.to_team or "–"
    if item.confidential:
        yield _("Confidential comment"), item.confidential
    if item.recorded_by:
        yield _("Recorded by"), str(item.recorded_by)


def _told(item: Item) -> str:
    if item.left_out_because:
        return _("Not discussed: %(why)s") % {"why": item.left_out_because}
    if item.opened_at and item.closed_at:
        return f"{item.opened_at:%Y-%m-%d %H:%M} – {item.closed_at:%H:%M} UTC"
    return str(ItemState(item.state).label)
