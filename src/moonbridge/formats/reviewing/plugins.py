"""Other ways to compare texts, which an installed package offers by the entry point ``moonbridge.likeness``."""

from importlib.metadata import entry_points
from typing import Final, cast

from moonbridge.engines.reviewing.affinity import Likeness
from moonbridge.engines.reviewing.texts import likeness
from moonbridge.errors import InputError

GROUP: Final = "moonbridge.likeness"
BUILT_IN: Final = "words"


def likeness_named(name: str) -> Likeness:
    """Return the comparison of texts called ``name``; "words" is built in.

    A plug-in is a callable like :class:`~moonbridge.engines.reviewing.affinity.Likeness`. Raises InputError with the names
    that are installed.
    """
    if name == BUILT_IN:
        return likeness
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise InputError(f"no package offers to compare texts by {name!r}; there is {', '.join((BUILT_IN, *found))}")
    return cast(Likeness, found[name].load())
