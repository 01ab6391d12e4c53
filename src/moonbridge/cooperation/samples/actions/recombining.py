"""Pieces that become others without being divided: mixed together, or given another number."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isqrt
from typing import Final
from uuid import UUID, uuid5

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.actions.keeping import Weighed, require_curator, require_free, store, write_weighing
from moonbridge.cooperation.samples.models import Alias, Collection, Custody, Parentage, Split
from moonbridge.cooperation.samples.names import create, free_names, naming_of
from moonbridge.cooperation.samples.stock import BEGAN_WITH, KEPT, away, stocks
from moonbridge.engines.ledger.genealogy import COUNTED, Descent, PieceKind, check_contamination
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError, Refused
from moonbridge.ledger import queries as books
from moonbridge.ledger.models import Movement
from moonbridge.ledger.movements import Posting, lock, post
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import append, once
from moonbridge.record.queries import database_now

FORMER: Final = "former number"
"""The scheme of an alias under which a piece was known before it got another number."""


@dataclass(frozen=True, slots=True)
class Share:
    """What goes into a mixture: how much of which piece, and the standard uncertainty of its weighing, in nanograms."""

    split: Split
    mass: int
    sigma: int = 0


@dataclass(frozen=True, slots=True)
class Blend:
    """What a mixture is to be: without a ``name`` it gets the next free one of its first piece, without a class that of its dirtiest."""

    name: str = ""
    material: str = ""
    description: str = ""
    contamination: int | None = None


def mix(
    collection: Collection, shares: Sequence[Share], blend: Blend, *, balance: str = "", witness: User | None = None,
    by: User, command: UUID,
) -> Split:  # fmt: skip
    """Make one piece of shares of several pieces of a collection; it holds exactly what they gave, and is no cleaner than any.

    What it weighs follows from the weighings of its shares.
    """

    def act() -> str:
        require_curator(collection, by)
        lock(collection.book, [store(share.split) for share in shares])
        parents = {share.split.pk: share.split for share in shares}
        wholes = list(Split.objects.select_for_update().filter(pk__in=parents, collection=collection).order_by("pk"))
        _check_shares(collection, shares, len(wholes))
        made = _mixture(collection, shares, blend)
        mass, movement = sum(share.mass for share in shares), uuid5(command, "recombine")
        legs = {store(share.split): -share.mass for share in shares} | {store(made): mass}
        post(Posting(movement, MovementKind.RECOMBINE, collection.book, legs, by=by))
        Parentage.objects.bulk_create(
            Parentage(child=made, parent=share.split, kind=Descent.MIXTURE.value, movement=Movement(pk=movement))
            for share in shares
        )
        sigma = isqrt(sum(share.sigma**2 for share in shares))
        write_weighing(made, Weighed(mass, sigma, "derived", balance, witness), by)
        of = [{"piece": share.split.name, "mass": SAMPLE_MASS.text(share.mass, "g")} for share in shares]
        append("mix", collection.address, {"split": made.name, "of": of}, agency=collection.agency.slug, by=by)
        return str(made.pk)

    asked = {"collection": collection.slug, **asdict(blend), "balance": balance}
    asked |= {"witness": str(witness.pk) if witness else None}
    asked |= {"shares": [[str(share.split.pk), str(share.mass), str(share.sigma)] for share in shares]}
    return Split.objects.get(pk=once(command, "samples.mix", asked, act, by=by))


def _check_shares(collection: Collection, shares: Sequence[Share], there: int) -> None:
    if len(shares) < 2 or there < len(shares) or any(share.mass <= 0 for share in shares):  # noqa: PLR2004 - one piece is no mixture
        raise InputError(
            _("A mixture takes two pieces of this collection or more, each once, and how much of each."), field="shares"
        )
    for share in shares:
        if share.split.kind in COUNTED:
            raise Refused(
                _("%(name)s is counted, not weighed; sections and mounts cannot be mixed.") % {"name": share.split.name}
            )
        require_free(share.split, books.balance(collection.book, store(share.split)), share.mass)


def _mixture(collection: Collection, shares: Sequence[Share], blend: Blend) -> Split:
    """Return the new piece, written down: as dirty as the dirtiest of its shares at least, and kept if one of them is."""
    classes = [share.split.contamination for share in shares]
    found = max(classes) if blend.contamination is None else blend.contamination
    check_contamination(found, classes)
    materials = list(dict.fromkeys(share.split.material for share in shares if share.split.material))
    kept = next((share.split.facts["kept_for"] for share in shares if share.split.facts.get("kept_for") in KEPT), None)

    def drawn() -> list[Split]:
        name = blend.name or free_names(shares[0].split, naming_of(collection), 1)[0]
        return [
            Split(
                collection=collection, name=name, kind=PieceKind.MIXTURE.value, material=blend.material or " + ".join(materials)[:120],
                description=blend.description, contamination=found, facts={"kept_for": kept} if kept else {},
            )
        ]  # fmt: skip

    return create(drawn, chosen={blend.name})[0]


def renumber(split: Split, name: str, *, reason: str, by: User, command: UUID) -> Split:
    """Give a piece another number: everything of it that is in store goes to a piece of that ``name``, known by all names it had.

    The old number is never used again. What is set aside, or with a borrower, keeps its number until that is over.
    """

    def act() -> str:
        collection = split.collection
        require_curator(collection, by)
        lock(collection.book, [store(split)])
        old = Split.objects.select_for_update(of=("self",)).select_related("collection__book").get(pk=split.pk)
        if not name.strip() or not reason.strip():
            raise InputError(_("Say the new number, and why it changes."), field="name")
        mass = _whole_in_store(old)
        began = str(stocks([old])[old.pk].original)
        new = Split(
            collection=collection, name=name.strip(), kind=old.kind, description=old.description, material=old.material,
            nominal=old.nominal, pieces=old.pieces, contamination=old.contamination, facts=old.facts | {BEGAN_WITH: began},
        )  # fmt: skip
        create(lambda: [new], chosen={new.name})
        movement = uuid5(command, "renumber")
        legs = {store(old): -mass, store(new): mass}
        post(Posting(movement, MovementKind.RECOMBINE, collection.book, legs, reason=reason.strip(), by=by))
        Parentage.objects.create(child=new, parent=old, kind=Descent.RENUMBERING.value, movement_id=movement)
        _keep_names(old, new)
        _keep_custodian(old, new)
        told = {"from": old.name, "to": new.name, "reason": reason.strip()}
        append("renumber", collection.address, told, agency=collection.agency.slug, by=by)
        return str(new.pk)

    asked = {"split": str(split.pk), "name": name, "reason": reason}
    return Split.objects.get(pk=once(command, "samples.renumber", asked, act, by=by))


def _whole_in_store(old: Split) -> int:
    """Return what a piece has in store; raises :class:`Refused` where that is not all of it, or not free."""
    held, out = books.balance(old.collection.book, store(old)), away(old)
    told = {"name": old.name, "held": SAMPLE_MASS.text(held.held), "away": SAMPLE_MASS.text(out)}
    if held.held or out:
        sentence = _(
            "%(name)s keeps its number while it is promised: %(held)s is set aside and %(away)s is out of the store. "
            "Renumber it once that loan is over."
        )
        raise Refused(sentence % told, **told)
    if not held.amount:
        raise Refused(_("Nothing of %(name)s is in store; there is nothing to renumber.") % told, name=old.name)
    return held.amount


def _keep_names(old: Split, new: Split) -> None:
    names = [(old.name, FORMER), *old.aliases.values_list("name", "scheme")]
    Alias.objects.bulk_create(Alias(split=new, name=name, scheme=scheme) for name, scheme in names)


def _keep_custodian(old: Split, new: Split) -> None:
    """Let whoever answered for the old number answer for the new one, from the same instant."""
    held = Custody.objects.filter(split=old, period__endswith=None).first()
    if held is not None:
        held.period = DateTimeTZRange(held.period.lower, database_now())
        held.save(update_fields=["period"])
        hand_over(new, held.custodian, reason=_("renumbered"), partner=held.partner)
