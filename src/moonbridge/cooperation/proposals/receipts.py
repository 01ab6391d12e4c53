"""What exactly was received: the proposal in plain words and exact amounts, as the receipt carries it."""

from typing import Any

from moonbridge.cooperation.proposals.content import as_json, read
from moonbridge.cooperation.proposals.fit import degrees
from moonbridge.cooperation.proposals.models import Option, Proposal
from moonbridge.cooperation.proposals.reading import percent
from moonbridge.quantities import DATA_PER_DAY, LENGTH, POWER


def content_of(proposal: Proposal) -> dict[str, Any]:
    """Return all that ``proposal`` says as JSON that a person can read: amounts as decimal text with their unit."""
    said = as_json(read(proposal))
    said |= {
        "format": "moonbridge-proposal", "version": "1", "call": proposal.opportunity.address, "call_title": proposal.opportunity.title,
        "code": proposal.code, "synthetic": proposal.synthetic,
        "letter_sent_at": proposal.letter_sent_at.isoformat() if proposal.letter_sent_at else None,
        "participants": [_participant(row) for row in proposal.participants.all()],
        "options": [_option(row) for row in proposal.options.all()],
        "team": [{"name": str(member.user), "role": member.role} for member in _members(proposal)],
        "attachments": [
            {
                "name": file.name, "title": file.title, "media_type": file.media_type, "size": str(file.size),
                "sha256": file.sha256, "sealed": file.sealed,
            }
            for file in sorted(proposal.attachments.all(), key=lambda one: (one.added_at, one.pk))
        ],
        "anonymity": [
            {"where": one.where, "excerpt": one.excerpt, "reason": one.reason}
            for one in sorted(proposal.explanations.all(), key=lambda one: (one.at, one.pk))
        ],
    }  # fmt: skip
    del said["unread"]
    return said  # type: ignore[no-any-return]


def _members(proposal: Proposal) -> Any:
    return sorted(proposal.members.all(), key=lambda one: (one.joined_at, one.pk))


def _participant(row: Any) -> dict[str, Any]:
    return {
        "institution": row.institution, "partner": row.partner.slug if row.partner else None, "country": row.country,
        "contribution": row.contribution, "share": f"{percent(row.share_permille)} %", "leads": row.leads,
    }  # fmt: skip


def _option(row: Option) -> dict[str, Any]:
    sides = [row.length_um, row.width_um, row.height_um]
    ends = [row.coldest_centidegree, row.hottest_centidegree]
    return {
        "id": str(row.pk), "kind": row.kind, "name": row.name, "element": row.element.slug if row.element else None,
        "argument": row.argument, "worth": f"{percent(row.merit_permille)} %",
        "asks": [
            {"resource": demand.line.label, "line": str(demand.line_id), "amount": demand.line.kind.text(demand.amount)}
            for demand in sorted(row.demands.all(), key=lambda one: (one.line.position, str(one.line_id)))
        ],
        "box": [None if side is None else LENGTH.text(side, "mm") for side in sides],
        "temperatures": [None if end is None else degrees(end) for end in ends],
        "modes": [
            {
                "name": mode.name, "power": POWER.text(mode.power_mw), "data_per_day": DATA_PER_DAY.text(mode.data_per_day),
                "share_of_time": f"{percent(mode.duty_permille)} %",
            }
            for mode in row.modes.all()
        ],
    }  # fmt: skip
