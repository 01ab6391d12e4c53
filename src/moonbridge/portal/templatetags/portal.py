"""How pages speak of the catalogue's things: names and places, dates, claims with their sources."""

from collections.abc import Mapping
from typing import Any, Final

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.programmes.models import Claim, EntryKind, Participation, PartnerRole, Source
from moonbridge.cooperation.programmes.queries import Known
from moonbridge.formats.catalogue import Days, PartialDate
from moonbridge.portal import labels, links
from moonbridge.portal.facts import Fact, facts_of
from moonbridge.quantities import MASS, SAMPLE_MASS

register = template.Library()

KIND_NAMES: Final[Mapping[str, Promise | str]] = {
    "programme": _("programme"),
    "mission": _("mission"),
    "site": _("site"),
    "element": _("element"),
    "partner": _("partner"),
    "source": _("source"),
    "opportunity": _("opportunity"),
} | dict(EntryKind.choices)


@register.filter
def named(thing: links.Named) -> str:
    """Return the thing's name in the reader's language."""
    return links.name_of(thing)


@register.filter
def other_name(thing: links.Named) -> str:
    """Return the thing's name in the other language, if it has one."""
    return (thing.name if links.in_chinese() else thing.name_zh) if thing.name_zh else ""


@register.filter
def place(thing: links.Named) -> str:
    """Return where the thing is shown."""
    return links.url_of(thing)


@register.filter
def linked(thing: links.Named) -> SafeString:
    """Return the thing's name as a link to where it is shown."""
    return format_html('<a href="{}">{}</a>', links.url_of(thing), links.name_of(thing))


@register.filter
def dated(when: Claim | PartialDate | None) -> SafeString | str:
    """Return a date as the source gives it, in the reader's language; what is unknown says so."""
    if when is None:
        return unknown()
    return labels.date_words(when.text)


@register.filter
def days(count: Days | None) -> SafeString | str:
    """Return a number of days, or its bounds where the dates are not known to the day; what is unknown says so."""
    if count is None:
        return unknown()
    return str(count.least) if count.exact is not None else f"{count.least}–{count.most}"


@register.filter
def lateness(late: Days | None) -> str:
    """Return how late a promise was kept, in words."""
    if late is None:
        return gettext("not kept so far, or not known")
    if late.most <= 0:
        return gettext("in time")
    number = str(late.least) if late.exact is not None else f"{max(late.least, 0)}–{late.most}"
    return ngettext("%(days)s day late", "%(days)s days late", late.most) % {"days": number}


@register.filter
def said(claim: Claim | None) -> SafeString | str:
    """Return what a claim says, ready for a page."""
    if claim is None or claim.value is None:
        return unknown()
    if isinstance(claim.value, bool):
        return gettext("yes") if claim.value else gettext("no")
    if claim.earliest:
        return labels.date_words(claim.text)
    if isinstance(claim.value, list):
        items = format_html_join("", "<li>{}</li>", ((item,) for item in claim.value))
        return format_html("<ul{}>{}</ul>", content_language(), items)
    return format_html("<span{}>{}</span>", content_language(), claim.text) if links.in_chinese() else claim.text


@register.filter
def said_on(stated: Claim) -> str:
    """Return when a claim was said, in the reader's language."""
    return gettext("as of %(date)s") % {"date": labels.date_words(stated.said)}


@register.filter
def label_of(stated: Claim) -> str:
    """Return the name of a claim's field in the reader's language."""
    return labels.label(stated.field)


@register.filter
def kind_name(kind: str) -> str:
    """Return what a kind of thing is called, one of it."""
    return str(KIND_NAMES[kind])


@register.simple_tag
def unknown() -> SafeString:
    """Return the word for what was looked for and not found."""
    return format_html('<span class="unknown">{}</span>', gettext("unknown"))


@register.simple_tag
def content_language() -> SafeString:
    """Return the attribute that marks English content on a page in another language."""
    return SafeString(' lang="en"') if links.in_chinese() else SafeString("")


@register.filter
def heading(text: str) -> str:
    """Return ``text`` with a capital letter at its beginning."""
    return capfirst(str(text))


@register.inclusion_tag("portal/parts/claim.html", takes_context=True)
def claim(context: Any, stated: Claim) -> dict[str, Any]:
    """Show one claim with its confidence, sources and note."""
    return {
        "claim": stated,
        "references": references(context, stated.sources.all()),
    }


@register.simple_tag(takes_context=True)
def references(context: Any, sources: Any) -> SafeString:
    """Return links to ``sources``: to the list at the end of the page where there is one, else to the pages of the sources."""
    numbers: dict[str, int] = context.get("numbers") or {}
    return format_html_join(" ", '<a href="{}" title="{}">{}</a>', (_reference(each, numbers) for each in sources))


def _reference(source: Source, numbers: dict[str, int]) -> tuple[str, str, str]:
    number = numbers.get(source.slug)
    if number is None:
        return links.source_url(source), source.title, source.slug
    return f"#source-{source.slug}", source.title, f"[{number}]"


@register.filter
def facts(known: Known) -> list[Fact]:
    """Return the facts about a thing in the order of a page."""
    return facts_of(known)


@register.filter
def on(known: Known, name: str) -> list[Claim]:
    """Return all claims on the field ``name``."""
    return known.claims_on(name)


@register.filter
def best(known: Known, name: str) -> Claim | None:
    """Return the claim to reckon with on the field ``name``."""
    return known.claim(name)


@register.filter
def best_text(known: Known, name: str) -> str | None:
    """Return what is said in the field ``name`` as text; None where nothing is known."""
    stated = known.claim(name)
    return stated.text if stated else None


@register.filter
def countries(known: Known) -> list[Participation]:
    """Return the countries whose institutions take part."""
    return [each for each in known.participations if each.role == PartnerRole.COUNTRY]


@register.filter
def institutions(known: Known) -> list[Participation]:
    """Return the partners other than countries that take part."""
    return [each for each in known.participations if each.role != PartnerRole.COUNTRY]


@register.filter
def milligrams(amount: int | None) -> SafeString | str:
    """Return a payload's mass as text; what is unknown says so."""
    return unknown() if amount is None else MASS.text(amount)


@register.filter
def nanograms(amount: int | None) -> SafeString | str:
    """Return a sample's mass as text; what is unknown says so."""
    return unknown() if amount is None else SAMPLE_MASS.text(amount)
