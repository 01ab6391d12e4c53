"""Problems as an office says them: amounts as text with units, one constructor for each sentence.

>>> limit("lander", "mass", "200 kg", per_item="100 kg", held_back="10 %")
>>> proposal("A", merit="84.5", asks={"lander": {"mass": "12.5 kg", "power": "8 W"}}, groups=["country:TH", "first-time"])

Text is read exactly (:mod:`moonbridge.quantities`): what is not a whole number of base units is refused. A resource of
your own is measured as ``kinds`` says; pass the same to :class:`~moonbridge.engines.selection.problem.Problem` as
``resources``. The sentences about the portfolio are in :mod:`moonbridge.engines.selection.rules`.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction

from moonbridge.engines.selection.problem import RESOURCE_KINDS, Limit, Option, Place, Proposal
from moonbridge.engines.selection.rules import Exact, exact
from moonbridge.errors import InputError
from moonbridge.quantities import Kind

type Asked = Mapping[str, Mapping[str, str]]
"""What is asked for, as text: ``{element: {resource: amount}}``."""
type Groups = Collection[str] | Mapping[str, Exact]
"""Whole memberships as a list, or shares: ``{"country:TH": "1/2", "country:KE": "1/2"}``."""


def limit(
    element: str,
    resource: str,
    total: str,
    *,
    per_item: str | None = None,
    held_back: str | None = None,
    synthetic: bool = False,
    kinds: Mapping[str, Kind] = RESOURCE_KINDS,
) -> Limit:
    """Return "``element`` offers ``total``, at most ``per_item`` to one, and holds ``held_back`` in reserve".

    ``held_back`` is an amount, or a part of the total such as ``"10 %"``, which is rounded up to whole base units.
    """
    kind = _kind(resource, kinds)
    capacity = kind.parse(total, field="total")
    return Limit(
        element,
        resource,
        capacity,
        per_item=None if per_item is None else kind.parse(per_item, field="per_item"),
        reserved=0 if held_back is None else held_back_of(held_back, capacity, kind),
        synthetic=synthetic,
    )


def held_back_of(text: str, capacity: int, kind: Kind) -> int:
    """Return the reserved amount that ``text`` states; a percentage is rounded up, because what is reserved must be there."""
    if text.rstrip().endswith("%"):
        part = exact(text.rstrip()[:-1].strip(), field="reserved") / 100 * capacity
        return -(-part.numerator // part.denominator)
    return kind.parse(text, field="reserved")


def option(
    name: str, *, merit: Exact, asks: Asked, doubt: Exact | None = None, kinds: Mapping[str, Kind] = RESOURCE_KINDS
) -> Option:
    """Return one version of a proposal; ``doubt`` is the standard deviation of its merit."""
    demands: dict[Place, int] = {
        (element, resource): _kind(resource, kinds).parse(amount, field=f"{element} {resource}")
        for element, amounts in asks.items()
        for resource, amount in amounts.items()
    }
    return Option(name, exact(merit, field="merit"), demands, None if doubt is None else exact(doubt, field="doubt"))


def proposal(
    name: str,
    *versions: Option,
    merit: Exact | None = None,
    asks: Asked | None = None,
    doubt: Exact | None = None,
    title: str = "",
    groups: Groups = (),
    tier: int = 1,
    synthetic: bool = False,
    kinds: Mapping[str, Kind] = RESOURCE_KINDS,
) -> Proposal:
    """Return a proposal with its ``versions``, or with one version called ``full`` of this ``merit`` that ``asks`` this."""
    if bool(versions) == (merit is not None):
        raise InputError(f"{name} needs either versions, or a merit and what it asks for", field="options")
    if merit is not None:
        versions = (option("full", merit=merit, asks=asks or {}, doubt=doubt, kinds=kinds),)
    shares = groups if isinstance(groups, Mapping) else dict.fromkeys(groups, Fraction(1))
    held = {group: exact(share, field="groups") for group, share in shares.items()}
    return Proposal(name, versions, title=title, groups=held, tier=tier, synthetic=synthetic)


def joint(parts: Collection[str], merged: Proposal) -> Proposal:
    """Return ``merged`` as the joint proposal of ``parts``: it flies instead of them, never beside one of them."""
    return replace(merged, merges=tuple(parts))


def _kind(resource: str, kinds: Mapping[str, Kind]) -> Kind:
    if resource not in kinds:
        raise InputError(f"nothing says what {resource!r} is measured in; give its kind", field="kinds")
    return kinds[resource]
