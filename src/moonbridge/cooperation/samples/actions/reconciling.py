"""Close the books on what came back: the difference goes to ADJUST, with its sign, a reason, and as many signatures as it takes."""

from collections.abc import Sequence
from math import isqrt
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.models import Collection, Reconciliation
from moonbridge.cooperation.samples.rules.ledger import is_curator, may_countersign
from moonbridge.engines.ledger.accounts import SURPLUS, AccountKind, AccountName
from moonbridge.engines.ledger.conservation import Closure, closure
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError, NotAllowed
from moonbridge.ledger.movements import Posting, lock, post
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import append, once


def reconcile(
    collection: Collection, account: AccountName, *, label: str, issued: int, accounted: int, sigmas: Sequence[int],
    bounded: bool = False, by: User, command: UUID, reason: str = "", second: User | None = None,
) -> Reconciliation:  # fmt: skip
    """Post what ``account`` lacks or has too much to ``ADJUST:<label>``, so that exactly ``accounted`` nanograms are left to explain.

    ``sigmas`` are the uncertainties of the weighings. Beyond two standard deviations a ``reason`` is needed; beyond three, beyond half a
    percent and half a milligram, or where only bounds are known (``bounded``), a ``second`` officer. Raises :class:`InputError` and
    :class:`NotAllowed` accordingly.
    """
    found = closure(issued, accounted, sigmas, bounded=bounded)

    def act() -> str:
        _check(collection, found, by, second, reason)
        facts = {"weighing": label}
        for number, legs in enumerate(_steps(collection, account, label, found)):
            movement = uuid5(command, f"adjust/{number}")
            post(Posting(movement, MovementKind.ADJUST, collection.book, legs, reason=reason, by=by, facts=facts))
        kept = Reconciliation.objects.create(
            collection=collection, label=label, issued=issued, accounted=accounted, sigma=isqrt(found.variance), signed_by=by,
            two_officers=found.two_officers, countersigned_by=second, reason=reason,
        )  # fmt: skip
        told = {name: SAMPLE_MASS.text(value, "g") for name, value in (("issued", issued), ("accounted", accounted))}
        told |= {"label": label, "adjusted": SAMPLE_MASS.text(-found.remainder, "g")}
        append("reconcile", collection.address, told, agency=collection.agency.slug, by=by)
        return str(kept.pk)

    asked = {"collection": collection.slug, "label": label, "issued": str(issued), "accounted": str(accounted)}
    return Reconciliation.objects.get(pk=once(command, "samples.reconcile", asked, act, by=by))


def _check(collection: Collection, found: Closure, by: User, second: User | None, reason: str) -> None:
    if not is_curator(by, collection):
        raise NotAllowed(_("Only a curator of this collection can do this."))
    if not found.closes and not reason.strip():
        raise InputError(
            _("The difference is larger than the balances explain; write down the reason."), field="reason"
        )
    if found.two_officers and (second is None or second == by or not may_countersign(second, collection)):
        raise NotAllowed(_("A difference of this size takes the signatures of two officers."))


def touched(account: AccountName, label: str, remainder: int) -> set[AccountName]:
    """Return the accounts that :func:`reconcile` moves ``remainder`` nanograms (issued minus accounted) through: none for nothing."""
    if not remainder:
        return set()
    return {account, AccountName(AccountKind.ADJUST, label)} | ({SURPLUS} if remainder < 0 else set())


def _steps(collection: Collection, account: AccountName, label: str, found: Closure) -> list[dict[AccountName, int]]:
    """Return the legs of each movement that posts the remainder, after locking all their accounts."""
    adjust, amount = AccountName(AccountKind.ADJUST, label), found.remainder
    if not amount:
        return []
    steps = [{account: -amount, adjust: amount}]
    if amount < 0:
        # A surplus comes from the origin and is seen on ADJUST before the account gets it.
        steps = [{SURPLUS: amount, adjust: -amount}, {adjust: amount, account: -amount}]
    lock(collection.book, touched(account, label, amount))
    return steps
