"""The catalogue of public terrain: what there is, who publishes it, and where."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from moonbridge.errors import InputError


@dataclass(frozen=True, slots=True)
class Original:
    """One published grid: the addresses of its files (heights first, then the label), and what is known of the first one."""

    name: str
    title: str
    source: str
    files: tuple[str, ...]
    bytes: int | None = None
    sha256: str | None = None


@cache
def originals() -> Mapping[str, Original]:
    """Return the catalogue by name."""
    text = files("moonbridge.formats.terrain").joinpath("originals.toml").read_text(encoding="utf-8")
    return {
        name: Original(name, **{**entry, "files": tuple(entry["files"])}) for name, entry in tomllib.loads(text).items()
    }


def original(name: str) -> Original:
    """Return one entry; :class:`~moonbridge.errors.InputError` names all where there is none."""
    if name not in originals():
        raise InputError(f"the catalogue has no terrain {name}; it has {', '.join(originals())}", field="name")
    return originals()[name]
