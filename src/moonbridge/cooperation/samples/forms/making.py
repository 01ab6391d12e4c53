"""What is made of pieces: parts of one, or a mixture of several, row by row; and whether it adds up, said before anything is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.forms.fields import AmountField
from moonbridge.cooperation.samples.actions.keeping import Part
from moonbridge.cooperation.samples.actions.recombining import Blend, Share
from moonbridge.cooperation.samples.forms.bench import (
    SIGMA,
    HowField,
    MassField,
    SigmaField,
    WitnessForm,
    check_weighing,
    contamination_field,
    least_field,
    no_cleaner,
    weighed_of,
    words,
)
from moonbridge.cooperation.samples.models import Collection, Split, WeighingKind
from moonbridge.cooperation.samples.queries import bench
from moonbridge.engines.ledger.accounts import Balance
from moonbridge.engines.ledger.genealogy import COUNTED, PieceKind
from moonbridge.quantities import SAMPLE_MASS

MOST_ROWS: Final = 48
"""Parts, or shares, of one command."""
AT_FIRST: Final = 3
"""Empty rows of a new form, and how many more each press of the button gives."""
_OPEN: Final[dict[str, bool]] = {"empty_permitted": True, "use_required_attribute": False}
"""A row may stay empty."""
KINDS: Final = {
    PieceKind.SPLIT: _("piece"),
    PieceKind.THIN_SECTION: _("thin sections"),
    PieceKind.MOUNT: _("mounts"),
}


@dataclass(frozen=True, slots=True)
class Sums:
    """What is asked of a piece beside what there is of it, in nanograms."""

    name: str
    there: Balance
    parts: int
    loss: int = 0

    @property
    def remainder(self) -> int:
        """What stays in the piece; below zero, what is missing."""
        return self.there.amount - self.parts - self.loss

    @property
    def lacking(self) -> int:
        """How much more is asked than is free."""
        return max(0, self.parts + self.loss - self.there.free)


class PartForm(forms.Form):
    """One piece that is made, or several sections at once."""

    kind = forms.ChoiceField(
        label=_("What"), choices=[(kind.value, label) for kind, label in KINDS.items()], initial=PieceKind.SPLIT.value
    )
    mass = MassField(label=_("Mass"))
    sigma = AmountField(SAMPLE_MASS, label=_("Uncertainty"), initial=SIGMA)
    how = HowField(WeighingKind.BOUNDED, WeighingKind.DERIVED)
    least = least_field()
    pieces = forms.IntegerField(label=_("How many"), min_value=1, max_value=10_000, initial=1)
    contamination = contamination_field(required=False)
    name = words(_("Name"), most=80)
    description = words(_("Description"))

    def __init__(self, *args: Any, whole: Split, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whole = whole
        self.fields["contamination"].label = _("Class")
        self.fields["contamination"].initial = whole.contamination
        if whole.kind in COUNTED:
            self.fields["kind"] = forms.ChoiceField(
                label=_("What"), choices=[(whole.kind, KINDS[PieceKind(whole.kind)])], initial=whole.kind
            )

    def clean_contamination(self) -> int:
        """Refuse a class that is cleaner than the piece's."""
        return no_cleaner(self.cleaned_data["contamination"], self.whole.contamination)

    def clean(self) -> dict[str, Any]:
        """Refuse what is weighed without an uncertainty, and several pieces in one row that is no row of sections."""
        given = super().clean() or {}
        if given.get("kind") not in COUNTED:
            check_weighing(self)
            if given.get("pieces", 1) > 1:
                self.add_error("pieces", _("Give each piece a row of its own; only sections and mounts are counted."))
        return given

    def part(self, balance: str, witness: User | None) -> Part:
        """Return the part, once the form is valid; sections and mounts have an agreed mass, other pieces a measured one."""
        given, kind = self.cleaned_data, PieceKind(self.cleaned_data["kind"])
        if kind in COUNTED:
            given = given | {"how": WeighingKind.NOMINAL}
        weighed = weighed_of(given, balance, witness)
        return Part(weighed, kind, given["pieces"], given["contamination"], given["description"], given["name"].strip())


class LossForm(WitnessForm):
    """What is the same for all parts."""

    loss = AmountField(SAMPLE_MASS, label=_("Dust that was lost"), help_text=_("for example 0.2 mg"))
    field_order = ("loss", "balance", "witness")


class ShareForm(forms.Form):
    """How much of one piece goes into a mixture."""

    piece = words(_("Piece"), most=80, required=True)
    mass = MassField(label=_("Mass"))
    sigma = SigmaField()

    def __init__(self, *args: Any, collection: Collection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.collection = collection

    def clean_piece(self) -> Split:
        """Find the piece by the name it has or had."""
        name = str(self.cleaned_data["piece"]).strip()
        found = bench.called(self.collection, name)
        if found is None:
            raise forms.ValidationError(gettext("This collection has no piece “%(name)s”.") % {"name": name})
        found.collection = self.collection
        return found

    @property
    def share(self) -> Share:
        """The share, once the form is valid."""
        return Share(self.cleaned_data["piece"], self.cleaned_data["mass"], self.cleaned_data["sigma"])


class MixtureForm(WitnessForm):
    """What a mixture is."""

    name = words(_("Name"), most=80)
    material = words(_("Material"), most=120, help_text=_("empty: as its shares"))
    description = words(_("Description"), lines=2)
    contamination = contamination_field(required=False, help_text=_("empty: that of the dirtiest share"))
    field_order = ("name", "material", "description", "contamination", "balance", "witness")


class _Rows:
    """Rows of one kind of form beside a head; rows that nobody touched are left out."""

    head: forms.Form
    rows: list[Any]

    @cached_property
    def is_valid(self) -> bool:
        """Whether everything that was written can be read; each row is asked, so that all mistakes show at once."""
        sound = [form.is_valid() for form in self.forms()]
        return all(sound) and bool(self.written) and self._agrees()

    def _agrees(self) -> bool:
        """Return whether rows that are each in order are so together."""
        return True

    @property
    def says_nothing(self) -> bool:
        """Whether a form was sent of which no row says anything."""
        return self.head.is_bound and not self.written

    @cached_property
    def written(self) -> list[Any]:
        """The rows that say something."""
        return [row for row in self.rows if row.is_bound and row.has_changed()]

    def forms(self) -> list[forms.Form]:
        """Return the head and the written rows: what may have mistakes."""
        return [self.head, *self.written]


def _sent(data: Mapping[str, str] | None) -> Iterator[Mapping[str, str] | None]:
    """Yield for each row of a form its data: what was sent, and nothing for a new row, which so begins with what is proposed."""
    typed = (data or {}).get("rows", "")
    said = min(int(typed), MOST_ROWS) if typed.isdecimal() and len(typed) < 4 else 0  # noqa: PLR2004 - no form has a thousand rows
    yield from [data] * said
    if data is None or "add" in data:
        yield from [None] * min(AT_FIRST, MOST_ROWS - said)


class Division(_Rows):
    """The form by which a piece is divided, from ``data`` as a browser sends it, or new."""

    def __init__(self, data: Mapping[str, str] | None, *, whole: Split, curators: QuerySet[User]) -> None:
        self.whole = whole
        self.head: LossForm = LossForm(data, curators=curators)
        self.rows = [
            PartForm(sent, prefix=f"part-{number}", whole=whole, **_OPEN) for number, sent in enumerate(_sent(data))
        ]

    def _agrees(self) -> bool:
        """Return whether sections or mounts that are divided stay as many as they were."""
        many = sum(row.cleaned_data["pieces"] for row in self.written)
        if not self.whole_is_counted or many == self.whole.pieces:
            return True
        told = gettext(
            "%(name)s is %(whole)d sections or mounts, and the parts are %(parts)d; each goes into one part."
        )
        self.written[-1].add_error(
            "pieces", told % {"name": self.whole.name, "whole": self.whole.pieces, "parts": many}
        )
        return False

    @property
    def whole_is_counted(self) -> bool:
        """Whether the piece is sections or mounts."""
        return self.whole.kind in COUNTED

    @property
    def parts(self) -> list[Part]:
        """The parts, once the form is valid."""
        given = self.head.cleaned_data
        return [row.part(given["balance"].strip(), given["witness"]) for row in self.written]

    def sums(self) -> Sums:
        """Return how it adds up so far; what cannot be read yet counts as nothing."""
        self.is_valid  # noqa: B018 - reads the rows
        masses = (row.cleaned_data.get("mass") or 0 for row in self.written)
        loss = getattr(self.head, "cleaned_data", {}).get("loss") or 0
        return Sums(self.whole.name, bench.in_store(self.whole), sum(masses), loss)


class Mixing(_Rows):
    """The form by which pieces are mixed; ``first`` is the name with which a new one begins."""

    def __init__(
        self, data: Mapping[str, str] | None, *, collection: Collection, curators: QuerySet[User], first: str = ""
    ) -> None:
        self.collection = collection
        self.head: MixtureForm = MixtureForm(data, curators=curators)
        self.rows = [
            ShareForm(
                sent, prefix=f"share-{number}", collection=collection, **_OPEN,
                initial={} if number or data else {"piece": first},
            )
            for number, sent in enumerate(_sent(data))
        ]  # fmt: skip

    def _agrees(self) -> bool:
        """Return whether each piece is named once, and the mixture is no cleaner than its shares."""
        seen: set[Any] = set()
        for row in self.written:
            piece = row.cleaned_data["piece"]
            if piece.pk in seen:
                row.add_error("piece", _("This piece is named twice."))
                return False
            seen.add(piece.pk)
        try:
            dirtiest = max(row.share.split.contamination for row in self.written)
            no_cleaner(self.head.cleaned_data["contamination"], dirtiest)
        except forms.ValidationError as fault:
            self.head.add_error("contamination", fault)
        return not self.head.errors

    @property
    def shares(self) -> list[Share]:
        """The shares, once the form is valid."""
        return [row.share for row in self.written]

    @property
    def blend(self) -> Blend:
        """What the mixture is to be, once the form is valid."""
        given = self.head.cleaned_data
        return Blend(given["name"].strip(), given["material"], given["description"], given["contamination"])

    def sums(self) -> list[Sums]:
        """Return for each piece that could be read how much is asked of it beside what there is."""
        self.is_valid  # noqa: B018 - reads the rows
        read = [row.cleaned_data for row in self.written if row.cleaned_data.get("piece")]
        return [Sums(one["piece"].name, bench.in_store(one["piece"]), one.get("mass") or 0) for one in read]

    @property
    def together(self) -> int:
        """What the mixture will hold, in nanograms, as far as it can be read."""
        return sum(row.cleaned_data.get("mass") or 0 for row in self.written if hasattr(row, "cleaned_data"))
