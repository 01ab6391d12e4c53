"""Keeping the search: each stage that has something to find writes documents of its own origin."""

from collections.abc import Iterable
from dataclasses import dataclass

from moonbridge.cooperation.programmes.models import SearchDocument
from moonbridge.cooperation.programmes.search import names_form, normal_form


@dataclass(frozen=True, slots=True)
class Document:
    """Something to be found: where it is, what it is called, and the words that it holds.

    ``address`` is ``kind/slug``; ``names`` are other names beside the titles; ``texts`` is everything else. ``weight`` puts it before
    others that match equally well. Only what everybody may see belongs into it.
    """

    address: str
    title: str
    title_zh: str = ""
    names: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    weight: int = 0

    @property
    def kind(self) -> str:
        """The kind in the address."""
        return self.address.partition("/")[0]


def put_documents(documents: Iterable[Document], *, origin: str) -> None:
    """Write ``documents`` of ``origin``, replacing those with the same addresses."""
    SearchDocument.objects.bulk_create(
        [_row(document, origin) for document in documents],
        update_conflicts=True,
        unique_fields=["address"],
        update_fields=["origin", "kind", "title", "title_zh", "names", "words", "weight"],
    )


def remove_documents(*, origin: str, keep: Iterable[str] = ()) -> None:
    """Remove the documents of ``origin`` whose addresses are not in ``keep``."""
    SearchDocument.objects.filter(origin=origin).exclude(address__in=list(keep)).delete()


def _row(document: Document, origin: str) -> SearchDocument:
    slug = document.address.partition("/")[2]
    names = names_form([document.title, document.title_zh, slug, *document.names])
    words = dict.fromkeys(normal_form(text) for text in document.texts)
    return SearchDocument(
        address=document.address,
        origin=origin,
        kind=document.kind,
        title=document.title,
        title_zh=document.title_zh,
        names=names,
        words=f"{names} {' '.join(words)} ",
        weight=document.weight,
    )
