"""How pieces of a collection are called: by the scheme of its agency's policy, each name given once."""

from collections.abc import Callable, Container, Iterable
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from moonbridge.cooperation.samples.models import Alias, Collection, Lender, Split
from moonbridge.engines.ledger.naming import Scheme, scheme
from moonbridge.errors import Refused

USUAL: Final = "GGGGG,SSS"
"""The scheme of an agency that has no policy, or whose policy neither knows nor assumes one."""
MOST_RACES: Final = 20
"""How often a name is drawn anew because somebody else took it at the same instant."""
_ONE_NAME: Final = "one_split_per_name"


class NameTaken(Refused):
    """Another piece of the collection has this name, or had it."""

    code = "name-taken"


def naming_of(collection: Collection) -> Scheme:
    """Return the scheme by which pieces of ``collection`` are named."""
    lender = Lender.objects.filter(agency=collection.agency_id).first()
    return scheme((lender.policy.naming.used if lender else None) or USUAL)


def free_names(whole: Split, naming: Scheme, many: int, *, besides: Iterable[str] = ()) -> list[str]:
    """Return the next ``many`` names for pieces of ``whole`` that nothing in its collection has, nor ``besides``."""
    stem = f"{naming.generic(whole.name)}{naming.separator}"
    pieces = Split.objects.filter(collection=whole.collection_id, name__startswith=stem).values_list("name", flat=True)
    aliases = Alias.objects.filter(split__collection=whole.collection_id, name__startswith=stem)
    return naming.next(whole.name, {*pieces, *aliases.values_list("name", flat=True), *besides}, many)


def create(drawn: Callable[[], list[Split]], *, chosen: Container[str]) -> list[Split]:
    """Write the new pieces of one collection that ``drawn`` returns, all or none.

    Where somebody else takes a name at the same instant it is drawn anew. Raises :class:`NameTaken` for a name that a person has
    ``chosen``.
    """
    for _race in range(MOST_RACES):
        try:
            return _create(drawn())
        except NameTaken as taken:
            if taken.numbers["name"] in chosen:
                raise
    raise Refused(_("Others are naming pieces of this sample at this moment; try again."))


def _create(pieces: list[Split]) -> list[Split]:
    names = [piece.name for piece in pieces]
    others = Alias.objects.filter(split__collection=pieces[0].collection_id, name__in=names)
    if (other := others.select_related("split").first()) is not None:
        raise _taken(other.name, other.split.name)
    try:
        with transaction.atomic():
            return Split.objects.bulk_create(pieces)
    except IntegrityError as error:
        if _ONE_NAME not in str(error):
            raise
        known = Split.objects.filter(collection=pieces[0].collection_id, name__in=names).first()
        raise _taken(known.name if known else names[0]) from error


def _taken(name: str, owner: str = "") -> NameTaken:
    if owner:
        told = _("“%(name)s” is another name of %(owner)s; choose a name that this collection never used.")
        return NameTaken(told % {"name": name, "owner": owner}, name=name)
    told = _(
        "This collection has a piece “%(name)s” already; choose another name, or leave it open for the next free one."
    )
    return NameTaken(told % {"name": name}, name=name)
