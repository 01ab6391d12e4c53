"""What is left of material that was altered, dissolved or heated: a piece of its own, which never goes back into what it was.

It is no cleaner than what it was made of, and kept until the office says that it may be lent.
"""

from typing import Any, Final

from moonbridge.cooperation.samples.models import Split
from moonbridge.cooperation.samples.names import create, free_names, naming_of
from moonbridge.cooperation.samples.stock import KEPT
from moonbridge.engines.ledger.genealogy import COUNTED, PieceKind, check_contamination

AS_RESIDUE: Final = "residue"
"""What ``facts["kept_for"]`` says of altered material that the office has not released."""


def residue_of(whole: Split, *, contamination: int | None = None) -> Split:
    """Return the new piece, written down, which is what an analysis left of ``whole``; without a class of its own as clean as that.

    Raises :class:`~moonbridge.engines.ledger.genealogy.BrokenDescent` for a class that is cleaner.
    """
    found = whole.contamination if contamination is None else contamination
    check_contamination(found, [whole.contamination])

    def drawn() -> list[Split]:
        (name,) = free_names(whole, naming_of(whole.collection), 1)
        return [
            Split(
                collection=whole.collection, name=name, kind=PieceKind.RESIDUE.value, material=whole.material,
                description=whole.description, contamination=found, facts=_facts(whole),
            )
        ]  # fmt: skip

    return create(drawn, chosen=())[0]


def is_altered(split: Split) -> bool:
    """Return whether a piece is what an analysis left over, or is kept because some of it is."""
    return split.kind == PieceKind.RESIDUE or split.facts.get("kept_for") == AS_RESIDUE


def _facts(whole: Split) -> dict[str, Any]:
    """Return for what it is kept, and its form; what is left of a section or a mount is none any more."""
    kept_for = whole.facts.get("kept_for")
    form = {} if whole.kind in COUNTED else {name: said for name, said in whole.facts.items() if name == "form"}
    return form | {"kept_for": kept_for if kept_for in KEPT else AS_RESIDUE}
