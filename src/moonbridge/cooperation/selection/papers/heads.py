"""What the heads of all these papers have in common, and how a paper is checked."""

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.opportunities.templatetags.opportunities import named
from moonbridge.cooperation.selection.models import Recommendation
from moonbridge.formats.paper import Block, Paper, Proof
from moonbridge.record.queries import signer


def paper(
    opportunity: Opportunity,
    title: str,
    blocks: tuple[Block, ...],
    *,
    at: datetime | None,
    subtitle: str = "",
    reference: str = "",
    label: str = "",
    proof: Proof | None = None,
) -> Paper:
    """Return a paper of the agency of ``opportunity``; it says on each page what is no real fact."""
    return Paper(
        title=title,
        issuer=named(opportunity.agency),
        date=at.date() if at else None,
        blocks=blocks,
        language=get_language() or "en",
        subtitle=subtitle,
        reference=reference or opportunity.slug,
        label=" · ".join(word for word in (label, _not_real(opportunity)) if word),
        proof=proof,
    )


def _not_real(opportunity: Opportunity) -> str:
    if opportunity.origin == Origin.SYNTHETIC:
        return _("synthetic")
    return _("replay of a real call with its public figures") if opportunity.origin == Origin.REPLAY else ""


def titled(code: str, title: str, *, synthetic: bool) -> str:
    """Return what a proposal is called in a table, with a word where it is made up."""
    return "\n".join(part for part in (f"{code} {title}".strip(), f"({_('synthetic')})" if synthetic else "") if part)


def proof(recommendation: Recommendation | None, how: str) -> Proof | None:
    """Return the certificate's digest with words on how to check it; None where there is no certificate."""
    if recommendation is None or recommendation.certificate_digest is None:
        return None
    return Proof(recommendation.certificate_digest, how % {"key": signer().public_key})
