"""Whether the open part of a proposal tells who proposes it: the engine's rules on all that reviewers would read.

Looked at are the texts of the open part, its versions and relations, and the names, titles and words of its files. Chinese names are not
turned into pinyin, pictures are not read, and nothing is known of what a scientific neighbour recognises by itself; the check
helps a careful team, it cannot make a careless one anonymous.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.programmes.models import Partner, PartnerKind
from moonbridge.cooperation.proposals import parts
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.engines.reviewing.anonymity import Finding, Identity, Kind, Passage, find

TEXTS: Final = {
    "title": _("Title"),
    "acronym": _("Short name"),
    "theme": _("Science theme"),
    "abstract": _("Abstract"),
    "objectives": _("Objectives"),
    "accommodation": _("Accommodation"),
}
WORDS: Final = {
    Kind.NAME: _("a name of the team"),
    Kind.MAIL: _("an e-mail address"),
    Kind.HOST: _("an address of your institution"),
    Kind.ORCID: _("an ORCID iD"),
    Kind.INSTITUTION: _("an institution of the team"),
    Kind.AGENCY: _("an agency of your country"),
    Kind.SELF: _("talk of your own work"),
}


def findings(proposal: Proposal) -> list[Finding]:
    """Return what in the open part tells who proposes, or may; nothing where the call is not dual-anonymous."""
    if not parts.is_dual(proposal.opportunity):
        return []
    return find(identity_of(proposal), _passages(proposal))


def unexplained(proposal: Proposal, found: list[Finding]) -> list[Finding]:
    """Return the certain ones of ``found`` that the lead has not given a reason for."""
    explained = set(proposal.explanations.values_list("key", flat=True))
    return [one for one in found if one.certain and one.digest not in explained]


def sentence(finding: Finding) -> str:
    """Return a finding in words."""
    said = {"where": finding.where, "found": finding.found, "kind": WORDS[finding.kind]}
    return gettext("%(where)s: “%(found)s” is %(kind)s.") % said


def identity_of(proposal: Proposal) -> Identity:
    """Return who proposes: people with their addresses and institutions, participants, and the agencies of their countries."""
    people = [member.user for member in proposal.members.select_related("user")]
    taking_part = list(proposal.participants.select_related("partner"))
    partners = [row.partner for row in taking_part if row.partner and row.partner.kind != PartnerKind.COUNTRY]
    institutions = [*(one.institution for one in people), *(row.institution for row in taking_part)]
    return Identity(
        people=tuple(one.name for one in people if one.name),
        emails=tuple(one.email for one in people),
        institutions=tuple(name for name in [*institutions, *_names(partners)] if name),
        agencies=tuple(_names(_agencies(proposal, {row.country for row in taking_part} - {""}))),
    )


def _agencies(proposal: Proposal, countries: set[str]) -> Any:
    known = Partner.objects.filter(kind=PartnerKind.AGENCY, country__in=countries)
    return known.exclude(pk=proposal.opportunity.agency_id)  # the host's name stands in every proposal


def _names(partners: Any) -> Iterator[str]:
    for partner in partners:
        yield from (name for name in (partner.name, partner.name_zh, partner.short) if name)


def _passages(proposal: Proposal) -> Iterator[Passage]:
    for name, label in TEXTS.items():
        yield Passage(name, str(label), getattr(proposal, name))
    for option in proposal.options.all():
        said = "\n".join([option.name, option.argument, *(mode.name for mode in option.modes.all())])
        yield Passage(f"option:{option.pk}", option.name or gettext("A version"), said)
    for place, relation in enumerate(proposal.relations.all(), start=1):
        where = gettext("Statement %(number)s about other instruments") % {"number": place}
        yield Passage(f"relation:{place}", where, relation.named)
    for file in proposal.attachments.filter(sealed=False).order_by("added_at", "pk"):
        yield Passage(
            f"file-name:{file.sha256}",
            gettext("Name and title of the file %(name)s") % {"name": file.name},
            _label(file),
        )
        yield Passage(f"file:{file.sha256}", gettext("The file %(name)s") % {"name": file.name}, file.text)


def _label(file: Any) -> str:
    """Return name and title; names are written with underscores where texts have spaces."""
    return f"{file.name.replace('_', ' ')}\n{file.title}"
