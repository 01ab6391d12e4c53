"""Writing what is said: sources, conflicts, claims, milestones and participations, always anew."""

from uuid import UUID

from moonbridge.cooperation.programmes import models
from moonbridge.formats import catalogue as files
from moonbridge.formats.catalogue import Catalogue, Claim


def put_facts(catalogue: Catalogue, partners: dict[str, UUID]) -> None:
    """Write sources, conflicts, claims, milestones and participations anew."""
    for table in (models.Claim, models.Milestone, models.Participation, models.Conflict, models.Source):
        table.objects.all().delete()
    sources = {
        row.slug: row.pk
        for row in models.Source.objects.bulk_create(
            models.Source(slug=source.slug, title=source.title, url=source.url or "", position=position)
            for position, source in enumerate(catalogue.sources.values())
        )
    }
    conflicts = {
        row.slug: row.pk
        for row in models.Conflict.objects.bulk_create(
            models.Conflict(
                slug=conflict.slug,
                subject=conflict.subject,
                field=conflict.field,
                topic=conflict.topic,
                known=conflict.known,
                position=position,
            )
            for position, conflict in enumerate(catalogue.conflicts.values())
        )
    }
    _put_claims(list(catalogue.claims), sources, conflicts)
    _put_milestones(catalogue, sources)
    models.Participation.objects.bulk_create(
        models.Participation(
            subject=entry.address,
            partner_id=partners[participation.partner],
            role=participation.role,
            position=position,
        )
        for entry in catalogue.entries.values()
        for position, participation in enumerate(entry.participations)
    )


def _put_claims(claims: list[Claim], sources: dict[str, int], conflicts: dict[str, int]) -> None:
    rows = models.Claim.objects.bulk_create(_claim(claim, position, conflicts) for position, claim in enumerate(claims))
    link = models.Claim.sources.through
    link.objects.bulk_create(
        link(claim_id=row.pk, source_id=sources[slug])
        for row, claim in zip(rows, claims, strict=True)
        for slug in claim.sources
    )


def _claim(claim: Claim, position: int, conflicts: dict[str, int]) -> models.Claim:
    date = claim.value if isinstance(claim.value, files.PartialDate) else None
    return models.Claim(
        subject=claim.subject,
        field=claim.field,
        position=position,
        value=None if claim.value is None else files.plain(claim.value),
        text="" if claim.value is None else files.text_of(claim.value),
        amount=claim.amount.base if claim.amount else None,
        amount_kind=claim.amount.kind if claim.amount else "",
        earliest=date.earliest if date else None,
        latest=date.latest if date else None,
        said=claim.date.text if claim.date else "",
        confidence=claim.confidence or "",
        note=claim.note or "",
        conflict_id=conflicts[claim.conflict] if claim.conflict else None,
        file=claim.written.file,
        line=claim.written.line,
    )


def _put_milestones(catalogue: Catalogue, sources: dict[str, int]) -> None:
    milestones = [
        (position, milestone)
        for entry in catalogue.entries.values()
        for position, milestone in enumerate(entry.milestones)
    ]
    rows = models.Milestone.objects.bulk_create(
        models.Milestone(
            subject=milestone.subject,
            position=position,
            what=milestone.what,
            date_text=milestone.date.text,
            earliest=milestone.date.earliest,
            latest=milestone.date.latest,
            confidence=milestone.confidence or "",
            note=milestone.note or "",
        )
        for position, milestone in milestones
    )
    link = models.Milestone.sources.through
    link.objects.bulk_create(
        link(milestone_id=row.pk, source_id=sources[slug])
        for row, (_position, milestone) in zip(rows, milestones, strict=True)
        for slug in milestone.sources
    )
