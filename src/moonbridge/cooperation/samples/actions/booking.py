"""Book what a signature is needed for: material given away for good, used up in house, or a movement that was wrong.

What is small takes one curator. What is large, and every gift, waits until another officer signs in their own name; then the books move.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.actions.keeping import Weighed, require_curator, require_free, store, write_weighing
from moonbridge.cooperation.samples.corrections import in_the_way, legs_of, piece_of
from moonbridge.cooperation.samples.models import Booking, Collection, Custody, Parentage, Split, Weighing, WeighingKind
from moonbridge.cooperation.samples.residues import residue_of
from moonbridge.cooperation.samples.rules.ledger import is_curator, may_countersign
from moonbridge.cooperation.samples.states.ledger import BOOKINGS, BookingKind
from moonbridge.cooperation.samples.stock import BEGAN_WITH, away
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.conservation import is_large
from moonbridge.engines.ledger.genealogy import Descent
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError, NotAllowed, Refused
from moonbridge.ledger import queries as books
from moonbridge.ledger.models import Movement
from moonbridge.ledger.movements import Posting, lock, post
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import append, once

TO: Final = {BookingKind.CEDE: AccountKind.CEDED, BookingKind.CONSUME: AccountKind.CONSUMED}
"""Where what leaves the store for good goes."""


def cede(split: Split, mass: int, *, receiver: str, reason: str, by: User, command: UUID) -> Booking:
    """Give ``mass`` nanograms of a piece away for good to ``receiver``, by the deed that ``reason`` names; a second officer signs.

    A receiver whom the catalogue of partners knows is written as the catalogue does.
    """

    def act() -> str:
        partner = Partner.objects.filter(name__iexact=receiver.strip()).first()
        name = (partner.name if partner else receiver.strip())[:120]
        if not name:
            raise InputError(_("Say who receives it, and by which deed."), field="receiver")
        return _leave(split, BookingKind.CEDE, mass, reason, by, receiver=name, partner=partner)

    asked = {"split": str(split.pk), "mass": str(mass), "receiver": receiver, "reason": reason}
    return _made(once(command, "samples.cede", asked, act, by=by))


def use_up(split: Split, mass: int, *, left_over: int | None = None, reason: str, by: User, command: UUID) -> Booking:
    """Note that ``mass`` nanograms of a piece were used in house; a second officer signs where it is much of what there was.

    Of them ``left_over`` nanograms are still there, altered: once booked they are a residue, a piece of its own.
    """

    def act() -> str:
        if left_over and left_over > mass:
            raise InputError(_("No more can be left over than was used."), field="left_over")
        return _leave(split, BookingKind.CONSUME, mass, reason, by, left_over=left_over or None)

    asked = {"split": str(split.pk), "mass": str(mass), "reason": reason}
    asked |= {"left_over": str(left_over)} if left_over else {}
    return _made(once(command, "samples.use-up", asked, act, by=by))


def correct(
    collection: Collection, movement: Movement, instead: int | None, *, reason: str, by: User, command: UUID
) -> Booking:
    """Take a wrong movement back by its exact opposite, which names it; ``instead`` (nanograms) is what it should have moved.

    Without ``instead`` nothing takes its place. Raises :class:`Refused` for what is no matter of the bench (steps of a loan), or was
    taken back already.
    """

    def act() -> str:
        require_curator(collection, by)
        split = piece_of(collection, movement)
        if split is None or (refused := in_the_way(movement, split, instead)):
            raise Refused(refused if split else _("Only what was booked at the bench can be taken back here."))
        _locked(collection, split)
        mass = max(abs(amount) for amount in legs_of(movement).values())
        difference = abs(mass - (instead or 0))
        if not difference:
            raise InputError(_("That is what was booked; there is nothing to correct."), field="instead")
        return _begin(
            Booking(
                collection=collection, split=split, kind=BookingKind.CORRECT, mass=mass, instead=instead or None, corrects=movement,
                reason=reason.strip(), two_officers=is_large(difference, mass), signed_by=by,
            )
        )  # fmt: skip

    asked = {"movement": str(movement.pk), "instead": str(instead or ""), "reason": reason}
    return _made(once(command, "samples.correct", asked, act, by=by))


def countersign(booking: Booking, *, by: User, command: UUID) -> Booking:
    """Sign as the second officer: another curator of the agency or its office; with this the books move."""

    def act() -> str:
        kept = _held(booking)
        if not may_countersign(by, kept.collection):
            raise NotAllowed("This is not yours to do.")
        if kept.signed_by == by:
            raise Refused(_("You signed already; another officer has to sign as well."))
        kept.countersigned_by = by
        _book(kept)
        return str(kept.pk)

    return _made(once(command, "samples.countersign", {"booking": str(booking.pk)}, act, by=by))


def drop(booking: Booking, *, by: User, command: UUID) -> Booking:
    """Give up what waits for a second signature, as a curator; nothing has moved."""

    def act() -> str:
        kept = _held(booking)
        if not is_curator(by, kept.collection):
            raise NotAllowed("This is not yours to do.")
        kept.state = BOOKINGS.after("drop", kept.state)
        kept.save(update_fields=["state"])
        _seal(f"drop-{kept.kind}", kept, by)
        return str(kept.pk)

    return _made(once(command, "samples.drop-booking", {"booking": str(booking.pk)}, act, by=by))


def _leave(split: Split, kind: BookingKind, mass: int, reason: str, by: User, **more: object) -> str:
    """Sign for what leaves the store for good."""
    collection = split.collection
    require_curator(collection, by)
    _locked(collection, split)
    there = books.balance(collection.book, store(split))
    if mass <= 0:
        raise InputError(_("Say how much, for example 12.5 mg."), field="mass")
    require_free(split, there, mass)
    two = kind == BookingKind.CEDE or is_large(mass, there.amount)
    return _begin(
        Booking(
            collection=collection, split=split, kind=kind, mass=mass, reason=reason.strip(), two_officers=two, signed_by=by,
            **more,
        )
    )  # fmt: skip


def _begin(booking: Booking) -> str:
    """Keep a booking with its first signature; the books move at once where one is enough."""
    if not booking.reason:
        raise InputError(_("Write down why."), field="reason")
    booking.save(force_insert=True)
    if booking.two_officers:
        _seal(f"sign-{booking.kind}", booking, booking.signed_by)
    else:
        _book(booking)
    return str(booking.pk)


def _book(booking: Booking) -> None:
    """Move the books with the signatures that are there."""
    residue = _residue(booking) if booking.left_over else None
    steps = list(_correction(booking) if booking.corrects else _gone(booking, residue))
    lock(booking.collection.book, {name for step in steps for name in step.legs})
    state = BOOKINGS.after("book", booking.state)
    for step in steps:
        post(step)
    booking.state, booking.movement = state, Movement(pk=steps[0].id)
    booking.save(update_fields=["state", "movement", "countersigned_by"])
    if residue is not None:
        _keep_residue(booking, residue)
    _follow(booking)
    _seal(booking.kind, booking, booking.countersigned_by or booking.signed_by, public=booking.kind == BookingKind.CEDE)


def _residue(booking: Booking) -> Split:
    """Return the new residue; names are taken after the accounts, by everybody."""
    lock(booking.collection.book, [store(booking.split), AccountName(AccountKind.CONSUMED, booking.split.name)])
    return residue_of(booking.split)


def _gone(booking: Booking, residue: Split | None) -> Iterator[Posting]:
    """Yield what takes the mass out of the piece: what is left over goes to its ``residue``, the rest out of the store for good."""
    left = booking.left_over or 0
    if residue is not None:
        yield _posting(booking, MovementKind.SPLIT, {store(booking.split): -left, store(residue): left})
    if gone := booking.mass - left:
        place = AccountName(TO[BookingKind(booking.kind)], booking.receiver or booking.split.name)
        yield _posting(booking, MovementKind(booking.kind), {store(booking.split): -gone, place: gone})


def _keep_residue(booking: Booking, residue: Split) -> None:
    """Write down what the residue was made of, and that its mass is what was said of it until it is weighed."""
    Parentage.objects.create(
        child=residue, parent=booking.split, kind=Descent.RESIDUE.value, movement_id=booking.movement_id
    )
    weighed = Weighed(booking.left_over or 0, kind=WeighingKind.DERIVED.value)
    write_weighing(residue, weighed, booking.signed_by)


def _correction(booking: Booking) -> Iterator[Posting]:
    """Yield what takes a movement back, and the right one beside it.

    What came in right is booked first: most of what came in wrong may have gone on since.
    """
    wrong = booking.corrects
    assert wrong is not None  # noqa: S101 - for the type checker; a constraint of the table
    legs = legs_of(wrong)
    back = _posting(booking, MovementKind.CORRECT, {name: -amount for name, amount in legs.items()}, corrects=wrong.pk)
    if not booking.instead:
        yield back
        return
    signs = {name: booking.instead if amount > 0 else -booking.instead for name, amount in legs.items()}
    right = _posting(booking, MovementKind(wrong.kind), signs, part="right")
    yield from (right, back) if wrong.kind == MovementKind.INTAKE else (back, right)


def _posting(
    booking: Booking,
    kind: MovementKind,
    legs: Mapping[AccountName, int],
    *,
    part: str = "",
    corrects: UUID | None = None,
) -> Posting:
    facts = {"booking": str(booking.pk)}
    return Posting(
        uuid5(booking.pk, part or kind.value), kind, booking.collection.book, legs, reason=booking.reason, by=booking.signed_by,
        facts=facts, corrects=corrects,
    )  # fmt: skip


def _follow(booking: Booking) -> None:
    """Let what else is kept of the piece follow the books."""
    split, wrong = booking.split, booking.corrects
    if wrong is not None and wrong.kind == MovementKind.INTAKE and booking.instead:
        _began_with(booking, booking.instead)
    if booking.kind == BookingKind.CEDE and _is_all_gone(split):
        hand_over(split, booking.receiver, reason=booking.reason[:200], partner=booking.partner)
    if wrong is not None and wrong.kind == MovementKind.CEDE and not _is_all_gone(split):
        _take_back_custody(booking)


def _began_with(booking: Booking, mass: int) -> None:
    """Write down what a sample weighed after all when it came in: its reserve floor goes by it."""
    split = Split.objects.select_for_update().get(pk=booking.split_id)
    first = split.weighings.order_by("weighed_at").first()
    split.facts |= {BEGAN_WITH: str(mass)}
    split.save(update_fields=["facts"])
    if first is not None:
        Weighing.objects.create(
            split=split, kind="derived", mass=mass, sigma=first.sigma, balance=first.balance, operator=booking.signed_by,
            note=booking.reason, weighed_at=first.weighed_at,
        )  # fmt: skip


def _is_all_gone(split: Split) -> bool:
    return not books.balance(split.collection.book, store(split)).amount and not away(split)


def _take_back_custody(booking: Booking) -> None:
    held = Custody.objects.filter(split=booking.split, period__endswith=None).first()
    ceded = (
        {name.label for name in legs_of(booking.corrects) if name.kind is AccountKind.CEDED} if booking.corrects else ()
    )
    if held is not None and held.custodian in ceded:
        hand_over(booking.split, booking.collection.agency.name, reason=booking.reason[:200])


def _locked(collection: Collection, split: Split) -> None:
    """Lock the account of a piece, then the piece, as everything at the bench does."""
    lock(collection.book, [store(split)])
    Split.objects.select_for_update().get(pk=split.pk)


def _held(booking: Booking) -> Booking:
    """Lock a booking and return it as it stands now."""
    parts = ("collection__book", "collection__agency", "split__collection__book", "corrects", "signed_by", "partner")
    return Booking.objects.select_for_update(of=("self",)).select_related(*parts).get(pk=booking.pk)


def _made(key: str) -> Booking:
    return Booking.objects.select_related("split", "collection").get(pk=key)


def _seal(verb: str, booking: Booking, by: User, *, public: bool = False) -> None:
    told = {"split": booking.split.name, "mass": SAMPLE_MASS.text(booking.mass, "g"), "reason": booking.reason}
    told |= {"receiver": booking.receiver} if booking.receiver else {}
    told |= {"left_over": SAMPLE_MASS.text(booking.left_over, "g")} if booking.left_over else {}
    if booking.corrects is not None:
        told |= {"corrects": str(booking.corrects.pk), "instead": SAMPLE_MASS.text(booking.instead or 0, "g")}
    append(verb, booking.collection.address, told, agency=booking.collection.agency.slug, by=by, public=public)
