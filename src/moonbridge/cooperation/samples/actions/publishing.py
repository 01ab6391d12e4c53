"""What is shown of a piece: a curator attaches pictures and publications; borrowers report what they published on a loan."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import BinaryIO, Final, cast
from uuid import UUID, uuid5

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.actions.using import fulfil
from moonbridge.cooperation.samples.models import DutyKind, Loan, Picture, Publication, Split
from moonbridge.cooperation.samples.models.publishing import FIRST_YEAR
from moonbridge.cooperation.samples.rules.ledger import is_curator
from moonbridge.cooperation.samples.rules.lending import is_borrower
from moonbridge.cooperation.samples.states.lending import OWES, PUBLISHED
from moonbridge.errors import InputError, NotAllowed, Refused, WrongState
from moonbridge.formats.documents.redrawn import redraw
from moonbridge.formats.igsn.references import reference
from moonbridge.record.actions import append, once
from moonbridge.record.queries import database_now

MOST_PICTURES: Final = 12
MOST_PUBLICATIONS: Final = 200
LONGEST_TITLE: Final = 500


@dataclass(frozen=True, slots=True)
class Cited:
    """A publication as somebody names it: a DOI or an address, its title and the year."""

    reference: str
    title: str
    year: int


def add_picture(
    split: Split, upload: "UploadedFile[bytes]", *, caption: str, credit: str, by: User, command: UUID
) -> Picture:
    """Attach a picture to a piece, as a curator: drawn anew, so that only its pixels are kept.

    Raises :class:`InputError` for a file that is no whole PNG or JPEG picture, too large, or carries something else.
    """
    _require_curator(by, split)
    drawn = redraw(cast("BinaryIO", upload), upload.name or "")

    def act() -> str:
        kept = _held(split, by)
        if not caption.strip() or not credit.strip():
            raise InputError(gettext("Say what the picture shows, and whose it is."), field="caption")
        if kept.pictures.filter(removed_at=None).count() >= MOST_PICTURES:
            raise Refused(
                gettext("A piece has at most %(most)d pictures.") % {"most": MOST_PICTURES}, most=MOST_PICTURES
            )
        _seal("add-picture", kept, {"caption": caption.strip(), "sha256": drawn.sha256}, by)
        # The files are written last: what can be refused was refused before, so that no file stays behind without its row.
        made = Picture(
            split=kept, caption=caption.strip(), credit=credit.strip(), media_type=drawn.media_type, width=drawn.width,
            height=drawn.height, sha256=drawn.sha256, added_by=by,
        )  # fmt: skip
        made.preview.save("preview", ContentFile(drawn.preview), save=False)
        made.file.save("picture", ContentFile(drawn.content), save=True)
        return str(made.pk)

    asked = {"split": str(split.pk), "caption": caption, "credit": credit, "sha256": drawn.given_sha256}
    return Picture.objects.get(pk=once(command, "samples.add-picture", asked, act, by=by))


def remove_picture(picture: Picture, *, by: User, command: UUID) -> Picture:
    """Take a picture off its piece; its files are removed, that it was there stays known."""

    def act() -> str:
        split = _held(picture.split, by)
        kept = split.pictures.get(pk=picture.pk)
        if kept.removed_at is None:
            Picture.objects.filter(pk=kept.pk).update(removed_at=database_now())
            _seal("remove-picture", split, {"sha256": kept.sha256}, by)
            for stored in (kept.file, kept.preview):
                transaction.on_commit(partial(stored.storage.delete, str(stored.name)))
        return str(kept.pk)

    return Picture.objects.get(pk=once(command, "samples.remove-picture", {"picture": str(picture.pk)}, act, by=by))


def add_publication(split: Split, cited: Cited, *, by: User, command: UUID) -> Publication:
    """Note, as a curator, that something was published on a piece."""

    def act() -> str:
        kept = _held(split, by)
        return str(_cite(kept, _read(cited), by).pk)

    asked = {"split": str(split.pk), **asdict(cited)}
    return Publication.objects.get(pk=once(command, "samples.add-publication", asked, act, by=by))


def report_publication(loan: Loan, cited: Cited, *, by: User, command: UUID) -> list[Publication]:
    """Report, as the borrower, what was published on the material of a loan, also after its end; it meets that duty of the loan."""

    def act() -> list[str]:
        kept = Loan.objects.select_for_update(of=("self",)).select_related("agency", "borrower").get(pk=loan.pk)
        if not is_borrower(by, kept):
            raise NotAllowed("This is not yours to do.")
        if kept.state not in PUBLISHED:
            raise WrongState(gettext("Nothing of this loan has arrived yet."), state=kept.state)
        read = _read(cited)
        splits = (
            Split.objects.filter(loan_lines__loan=kept).select_related("collection__agency").distinct().order_by("pk")
        )
        made = [_cite(split, read, by, loan=kept) for split in splits]
        if kept.state in OWES and not kept.fulfilments.filter(duty=DutyKind.PUBLICATIONS).exists():
            fulfil(kept, DutyKind.PUBLICATIONS, read.reference, by=by, command=uuid5(command, "duty"))
        return [str(one.pk) for one in made]

    keys = once(command, "loan.report-publication", {"loan": str(loan.pk), **asdict(cited)}, act, by=by)
    return list(Publication.objects.filter(pk__in=keys).order_by("split__name"))


def remove_publication(publication: Publication, *, by: User, command: UUID) -> Publication:
    """Take a publication off a piece, as a curator: a mistake, or about another piece."""

    def act() -> str:
        split = _held(publication.split, by)
        kept = split.publications.get(pk=publication.pk)
        if kept.removed_at is None:
            Publication.objects.filter(pk=kept.pk).update(removed_at=database_now())
            _seal("remove-publication", split, {"reference": kept.reference}, by)
        return str(kept.pk)

    asked = {"publication": str(publication.pk)}
    return Publication.objects.get(pk=once(command, "samples.remove-publication", asked, act, by=by))


def _read(cited: Cited) -> Cited:
    """Return a citation with its reference in the one form; raises :class:`InputError` for what is none."""
    title, named = " ".join(cited.title.split()), reference(cited.reference)
    if not title or len(title) > LONGEST_TITLE:
        raise InputError(gettext("Give the title of the publication."), field="title")
    if not FIRST_YEAR <= cited.year <= database_now().year + 1:
        raise InputError(gettext("Give the year in which it was published."), field="year")
    return Cited(named.address if named.kind == "URL" else f"doi:{named.identifier}", title, cited.year)


def _cite(split: Split, cited: Cited, by: User, *, loan: Loan | None = None) -> Publication:
    """Return the publication of the piece with this reference, noted anew where it is not there yet."""
    known = split.publications.filter(reference=cited.reference, removed_at=None).first()
    if known is not None:
        return known
    if split.publications.filter(removed_at=None).count() >= MOST_PUBLICATIONS:
        raise Refused(
            gettext("A piece lists at most %(most)d publications.") % {"most": MOST_PUBLICATIONS},
            most=MOST_PUBLICATIONS,
        )
    _seal("add-publication", split, {"reference": cited.reference, "loan": loan.code if loan else ""}, by)
    return Publication.objects.create(split=split, loan=loan, added_by=by, **asdict(cited))


def _held(split: Split, by: User) -> Split:
    kept = Split.objects.select_for_update(of=("self",)).select_related("collection__agency").get(pk=split.pk)
    _require_curator(by, kept)
    return kept


def _require_curator(by: User, split: Split) -> None:
    if not is_curator(by, split.collection):
        raise NotAllowed("This is not yours to do.")


def _seal(verb: str, split: Split, facts: dict[str, str], by: User) -> None:
    collection = split.collection
    append(verb, collection.address, {"split": split.name} | facts, agency=collection.agency.slug, by=by)
