"""What partners and the things that they take part in are called on pages, in the order of pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.programmes.models import EntryKind, Partner, PartnerKind
from moonbridge.cooperation.programmes.queries import PartnerPage, TakingPart, partners
from moonbridge.portal import links

KINDS: dict[str, Promise] = {
    PartnerKind.COUNTRY: _("Countries"),
    PartnerKind.AGENCY: _("Agencies"),
    PartnerKind.ORGANISATION: _("International organisations"),
    PartnerKind.INSTITUTION: _("Institutions"),
}

SUBJECTS: dict[str, Promise] = {
    "programme": _("Programmes"),
    "mission": _("Missions"),
    EntryKind.PAYLOAD: _("Payloads"),
    EntryKind.EXPERIMENT: _("Station experiments"),
    EntryKind.CALL: _("Calls"),
    EntryKind.BATCH: _("Sample batches"),
    EntryKind.ROUND: _("Loan rounds"),
    EntryKind.LOAN: _("Sample loans"),
    EntryKind.GIFT: _("Gifts of samples"),
    EntryKind.MEMBERSHIP: _("Memberships"),
    EntryKind.AGREEMENT: _("Agreements"),
    EntryKind.PRACTICE: _("Practice elsewhere"),
    EntryKind.LESSON: _("Lessons"),
    EntryKind.QUESTION: _("Open questions"),
}


def groups() -> list[tuple[str, Promise, list[Partner]]]:
    """Return all partners by kind (its key, its title), by name in the reader's language."""
    found = list(partners())
    by_kind = {kind: [partner for partner in found if partner.kind == kind] for kind in KINDS}
    return [
        (kind, title, sorted(by_kind[kind], key=lambda partner: links.name_of(partner).casefold()))
        for kind, title in KINDS.items()
        if by_kind[kind]
    ]


def parts(page: PartnerPage) -> list[tuple[Promise, list[TakingPart]]]:
    """Return what a partner takes part in by kind, in the order of a page."""
    return [(title, page.by_kind[kind]) for kind, title in SUBJECTS.items() if kind in page.by_kind]
