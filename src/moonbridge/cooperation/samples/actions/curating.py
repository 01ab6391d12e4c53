"""What is decided about collections and pieces, once per command: open a collection, entrust a piece to another, release a residue."""

from uuid import UUID

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Mission, Partner
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.actions.keeping import open_collection, require_curator
from moonbridge.cooperation.samples.models import Collection, Custody, Split
from moonbridge.cooperation.samples.residues import AS_RESIDUE, is_altered
from moonbridge.cooperation.samples.rules.ledger import may_release
from moonbridge.cooperation.samples.rules.lending import curator
from moonbridge.cooperation.samples.stock import away
from moonbridge.errors import InputError, NotAllowed, Refused
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import append, once


def found_collection(
    slug: str, *, name: str, agency: Partner, mission: Mission | None = None, material: str = "", source: str = "",
    synthetic: bool = False, by: User, command: UUID,
) -> Collection:  # fmt: skip
    """Open a new collection with a book of its own; raises :class:`Refused` where another one has this address."""

    def act() -> str:
        if not curator(by, agency.pk):
            raise NotAllowed(_("Only a curator of this agency can do this."))
        if Collection.objects.filter(slug=slug).exists():
            raise Refused(
                _("There is a collection at the address “%(slug)s” already; choose another address.") % {"slug": slug},
                slug=slug,
            )
        made = open_collection(
            slug,
            name=name,
            agency=agency,
            mission=mission,
            material=material,
            source=source,
            synthetic=synthetic,
            by=by,
        )
        return str(made.pk)

    asked: dict[str, object] = {
        "slug": slug,
        "name": name,
        "agency": agency.slug,
        "mission": mission.slug if mission else None,
    }
    asked |= {"material": material, "source": source, "synthetic": synthetic}
    return Collection.objects.get(pk=once(command, "samples.open-collection", asked, act, by=by))


def entrust(split: Split, custodian: str, *, reason: str, by: User, command: UUID) -> Custody:
    """Make another institution answer for a piece that is in store, from now on; with a loan custody goes by itself."""

    def act() -> int:
        collection = split.collection
        require_curator(collection, by)
        Split.objects.select_for_update().get(pk=split.pk)
        if not custodian.strip() or not reason.strip():
            raise InputError(_("Say who answers for it from now on, and why."), field="custodian")
        if out := away(split):
            raise Refused(
                _("%(mass)s of %(name)s is with a borrower, who answers for it until the loan is over.")
                % {"mass": SAMPLE_MASS.text(out), "name": split.name},
                mass=SAMPLE_MASS.text(out),
            )
        held = Custody.objects.filter(split=split, period__endswith=None).first()
        if held is not None and held.custodian == custodian.strip():
            raise Refused(_("%(name)s answers for it already.") % {"name": held.custodian}, custodian=held.custodian)
        made = hand_over(split, custodian.strip(), reason=reason.strip())
        told = {"split": split.name, "to": made.custodian, "reason": made.reason}
        append("entrust", collection.address, told, agency=collection.agency.slug, by=by)
        return made.pk

    asked = {"split": str(split.pk), "custodian": custodian, "reason": reason}
    return Custody.objects.get(pk=once(command, "samples.entrust", asked, act, by=by))


def release(split: Split, *, lent: bool, reason: str, by: User, command: UUID) -> Split:
    """Say as the programme office whether altered material may be lent as a residue; until then it is kept, and so are its parts."""

    def act() -> str:
        collection = split.collection
        if not may_release(by, collection):
            raise NotAllowed(_("Only the programme office says whether a residue is lent."))
        kept = Split.objects.select_for_update().get(pk=split.pk)
        if not is_altered(kept) or kept.facts.get("kept_for", AS_RESIDUE) != AS_RESIDUE:
            raise Refused(_("%(name)s is no residue that could be released.") % {"name": kept.name}, name=kept.name)
        if not reason.strip():
            raise InputError(_("Write down why."), field="reason")
        others = {name: said for name, said in kept.facts.items() if name != "kept_for"}
        kept.facts = others if lent else others | {"kept_for": AS_RESIDUE}
        kept.save(update_fields=["facts"])
        told = {"split": kept.name, "lent": "yes" if lent else "no", "reason": reason.strip()}
        append("release-residue", collection.address, told, agency=collection.agency.slug, by=by)
        return str(kept.pk)

    asked = {"split": str(split.pk), "lent": lent, "reason": reason}
    return Split.objects.get(pk=once(command, "samples.release-residue", asked, act, by=by))
