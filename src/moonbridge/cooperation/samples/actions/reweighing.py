"""Weigh a piece in store anew and bring the books to what it weighs: with as many signatures as the difference takes.

Where it is small a curator settles it alone; where it is large one curator signs and another officer, in their own name, settles it.
"""

from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.actions.keeping import Weighed, require_curator, store, write_weighing
from moonbridge.cooperation.samples.actions.reconciling import reconcile
from moonbridge.cooperation.samples.models import Collection, Reweighing, Split, Weighing
from moonbridge.cooperation.samples.rules.ledger import is_curator, may_countersign
from moonbridge.cooperation.samples.states import REWEIGHINGS
from moonbridge.cooperation.samples.states.ledger import UNSETTLED
from moonbridge.engines.ledger.genealogy import COUNTED
from moonbridge.errors import InputError, NotAllowed, Refused, Stale
from moonbridge.ledger import queries as books
from moonbridge.ledger.movements import lock
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import append, once


def weigh_anew(split: Split, weighed: Weighed, *, by: User, command: UUID) -> Reweighing:
    """Write down what all that the store has of a piece weighs, beside what the books say; they move only when somebody settles it."""

    def act() -> str:
        collection = split.collection
        require_curator(collection, by)
        lock(collection.book, [store(split)])
        kept = Split.objects.select_for_update().get(pk=split.pk)
        if kept.kind in COUNTED:
            raise Refused(_("%(name)s is counted; its mass is an agreed one.") % {"name": kept.name})
        booked = books.balance(collection.book, store(kept)).amount
        if not booked:
            raise Refused(_("By the books nothing of %(name)s is in store.") % {"name": kept.name}, name=kept.name)
        for earlier in Reweighing.objects.select_for_update().filter(weighing__split=kept, state__in=sorted(UNSETTLED)):
            _step(earlier, "supersede")
        before = kept.weighings.filter(sigma__isnull=False).order_by("-weighed_at", "-written_at").first()
        weighing = write_weighing(kept, weighed, by)
        made = Reweighing.objects.create(
            weighing=weighing, booked=booked, before_sigma=(before.sigma if before else 0) or 0
        )
        if weighed.mass == booked and not weighing.is_bounded:
            _step(made, "settle")
        told = {
            "split": kept.name,
            "booked": SAMPLE_MASS.text(booked, "g"),
            **_text(weighing),
        }
        append("weigh-anew", collection.address, told, agency=collection.agency.slug, by=by)
        return str(made.pk)

    asked = {"split": str(split.pk), "weighed": weighed.told}
    return Reweighing.objects.get(pk=once(command, "samples.weigh-anew", asked, act, by=by))


def _text(weighing: Weighing) -> dict[str, str]:
    """Return what was weighed, as the record says it."""
    bounds = {} if weighing.least is None else {"at_least": SAMPLE_MASS.text(weighing.least, "g")}
    return {"weighed": SAMPLE_MASS.text(weighing.mass, "g"), **bounds}


def settle(reweighing: Reweighing, *, reason: str = "", by: User, command: UUID) -> Reweighing:
    """Sign for the difference between the books and a weighing; the last signature that it takes brings the books to the weighing.

    Raises :class:`Stale` where the books have moved since, :class:`Refused` where the same officer would sign twice.
    """

    def act() -> str:
        split = reweighing.weighing.split
        collection = split.collection
        if not may_countersign(by, collection):
            raise NotAllowed("This is not yours to do.")
        lock(collection.book, [store(split)])
        kept = Reweighing.objects.select_for_update(of=("self",)).select_related("weighing__split", "signed_by").get(
            pk=reweighing.pk
        )  # fmt: skip
        REWEIGHINGS.after("settle", kept.state)
        _check_books(collection, kept)
        if kept.closure.two_officers and kept.signed_by is None:
            _sign(collection, kept, reason.strip(), by)
        else:
            _settle(collection, kept, reason.strip(), by, command)
        return str(kept.pk)

    asked = {"reweighing": str(reweighing.pk), "reason": reason}
    return Reweighing.objects.get(pk=once(command, "samples.settle-weighing", asked, act, by=by))


def _check_books(collection: Collection, kept: Reweighing) -> None:
    now = books.balance(collection.book, store(kept.weighing.split)).amount
    if now != kept.booked:
        told = {"booked": SAMPLE_MASS.text(kept.booked), "now": SAMPLE_MASS.text(now)}
        raise Stale(
            _(
                "The books have moved since it was weighed: they said %(booked)s then and say %(now)s now. Weigh it again."
            )
            % told,
            **told,
        )


def _sign(collection: Collection, kept: Reweighing, reason: str, by: User) -> None:
    if not is_curator(by, collection):
        raise NotAllowed("A curator signs first.")
    if not reason:
        raise InputError(
            _("The difference is larger than the balances explain; write down the reason."), field="reason"
        )
    _step(kept, "sign", signed_by=by, reason=reason)
    _seal("sign-for-weighing", collection, kept, by)


def _settle(collection: Collection, kept: Reweighing, reason: str, by: User, command: UUID) -> None:
    if kept.signed_by is not None and kept.signed_by == by:
        raise Refused(_("You signed already; another officer has to sign as well."))
    first, second = (kept.signed_by, by) if kept.signed_by else (by, None)
    weighing, why = kept.weighing, kept.reason or reason
    settled = reconcile(
        collection, store(weighing.split), label=f"{weighing.split.name} weighed {weighing.weighed_at:%Y-%m-%dT%H:%M:%S.%f}",
        issued=kept.booked, accounted=kept.closure.accounted, sigmas=kept.sigmas, bounded=weighing.is_bounded, by=first,
        second=second, reason=why, command=uuid5(command, "reconcile"),
    )  # fmt: skip
    _step(kept, "settle", signed_by=first, reason=why, reconciliation=settled)
    _seal("settle-weighing", collection, kept, by)


def _step(kept: Reweighing, verb: str, **columns: object) -> None:
    kept.state = REWEIGHINGS.after(verb, kept.state)
    for name, value in columns.items():
        setattr(kept, name, value)
    kept.save(update_fields=["state", *columns])


def _seal(verb: str, collection: Collection, kept: Reweighing, by: User) -> None:
    told = {"split": kept.weighing.split.name, "reason": kept.reason}
    told |= {"booked": SAMPLE_MASS.text(kept.booked, "g"), **_text(kept.weighing)}
    append(verb, collection.address, told, agency=collection.agency.slug, by=by)
