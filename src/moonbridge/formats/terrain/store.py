"""The terrain that is installed on this machine: files in one folder, each with a note of what it is and its hash.

Few publishers tell a hash. So the first file that comes under a name is trusted, its hash is noted, and from then on a file that has
changed, on this disk or at its publisher's, is refused until somebody decides.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from moonbridge.engines.moon.terrain import Grid, Stack
from moonbridge.errors import InputError, Refused
from moonbridge.formats.terrain.fetching import Progress, fetch
from moonbridge.formats.terrain.originals import Original
from moonbridge.formats.terrain.reading import data_file, digest, open_sheet
from moonbridge.formats.terrain.regions import stack_around
from moonbridge.formats.terrain.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a file is known again: its hash, and its size and time of change, which spare the hashing while both are the same."""

    name: str
    sha256: str
    bytes: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the mark of a file as it is now."""
        found = path.stat()
        return cls(path.name, digest(path), found.st_size, found.st_mtime_ns)

    def looks_like(self, path: Path) -> bool:
        """Return whether size and time are those of the mark."""
        found = path.stat()
        return (found.st_size, found.st_mtime_ns) == (self.bytes, self.changed_ns)


@dataclass(frozen=True, slots=True)
class Installed:
    """One installed terrain: its name, its file (or label) inside the folder, the hash of its heights, and where it came from.

    ``marks`` are those of all its files: the heights, and the label that says where they lie.
    """

    name: str
    file: str
    sha256: str
    bytes: int
    source: str
    scale: float | None = None
    offset_m: float | None = None
    marks: tuple[Mark, ...] = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what is noted in JSON."""
        data = json.loads(text)
        return cls(**{**data, "marks": tuple(Mark(**mark) for mark in data.get("marks", ()))})


class Store:
    """The folder of installed terrain."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, which need not exist yet."""
        self.folder = folder

    def installed(self) -> tuple[Installed, ...]:
        """Return everything that is installed, by name."""
        notes = sorted(self.folder.glob("*/terrain.json"))
        return tuple(Installed.from_text(note.read_text(encoding="utf-8")) for note in notes)

    def known(self, name: str) -> Installed:
        """Return one; :class:`~moonbridge.errors.InputError` says what there is and how to get more."""
        found = {one.name: one for one in self.installed()}
        if name not in found:
            have = ", ".join(found) or "nothing"
            raise InputError(
                f"the terrain {name} is not installed (installed: {have}); see `moonbridge terrain list`",
                field="terrain",
            )
        return found[name]

    def path(self, one: Installed) -> Path:
        """Return where its file is."""
        return self.folder / one.name / one.file

    def open(self, name: str) -> Grid:
        """Return the whole grid of an installed terrain."""
        return self.sheet(name).whole()

    def sheet(self, name: str, *, thorough: bool = False) -> Sheet:
        """Return an installed terrain with the notes on its file; its heights stay on disk until they are asked for.

        Raises :class:`~moonbridge.errors.Refused` where a file is no longer the one that was installed. It is hashed only if its size or
        its time has changed, or if the check is to be ``thorough``.
        """
        one = self.known(name)
        self._check(one, thorough=thorough)
        return open_sheet(self.path(one), name, scale=one.scale, offset_m=one.offset_m, sha256=one.sha256)

    def sheets(self, names: Sequence[str] = ()) -> tuple[Sheet, ...]:
        """Return installed terrains; without names, all that are installed."""
        chosen = names or [one.name for one in self.installed()]
        if not chosen:
            raise InputError(
                "no terrain is installed: `moonbridge terrain list` shows what can be fetched, "
                "`moonbridge terrain add FILE` takes a file that is here",
                field="terrain",
            )
        return tuple(self.sheet(name) for name in chosen)

    def around(self, latitude_deg: float, longitude_deg: float, *, within_m: float = 0.0) -> Stack | None:
        """Return the installed terrain around a place and all places up to ``within_m`` from it; None where none knows the place."""
        sheets = tuple(self.sheet(one.name) for one in self.installed())
        return stack_around(sheets, latitude_deg, longitude_deg, within_m=within_m)

    def add(
        self,
        path: Path,
        name: str | None = None,
        *,
        source: str = "",
        scale: float | None = None,
        offset_m: float | None = None,
    ) -> Sheet:
        """Copy a file (and the label or image beside it) into the folder after it has been opened without a complaint.

        Raises :class:`~moonbridge.errors.Refused` where other files are installed under this name.
        """
        sheet = open_sheet(path, name, scale=scale, offset_m=offset_m)
        home = self._home(sheet.layout.name)
        files = [other for other in sorted(path.parent.iterdir()) if other == path or _belongs(other, path)]
        for other in files:
            self._check_known(home, other)
        home.mkdir(parents=True, exist_ok=True)
        for other in files:
            shutil.copyfile(other, home / other.name)
        self._note(sheet.layout.name, path.name, source or f"added from {path.name}", scale, offset_m)
        return self.sheet(sheet.layout.name)

    def fetch(self, original: Original, progress: Progress | None = None) -> Sheet:
        """Fetch a published terrain; a broken download goes on where it stopped.

        Raises :class:`~moonbridge.errors.Refused` for a file that is not the catalogue's or, where that has no hash, not the one that came
        first.
        """
        home = self._home(original.name)
        marks = self._marks(original.name)
        for number, url in enumerate(original.files):
            target = home / Path(urlsplit(url).path).name
            first = number == 0
            sha256 = (original.sha256 if first else None) or (
                marks[target.name].sha256 if target.name in marks else None
            )
            if not target.exists():
                fetch(url, target, progress, size=original.bytes if first else None, sha256=sha256)
            elif first and sha256 is not None and (found := digest(target)) != sha256:
                raise _changed(original.name, target, sha256, found)
        if not marks:
            self._note(original.name, Path(urlsplit(original.files[0]).path).name, original.source)
        return self.sheet(original.name, thorough=True)

    def _marks(self, name: str) -> dict[str, Mark]:
        """Return the marks of an installed terrain by the names of its files; nothing for one that is not installed."""
        return {mark.name: mark for one in self.installed() if one.name == name for mark in one.marks}

    def _check(self, one: Installed, *, thorough: bool) -> None:
        """Refuse a terrain with a file that has changed since it was installed."""
        for mark in one.marks:
            path = self.folder / one.name / mark.name
            if not path.is_file():
                raise Refused(
                    f"{mark.name} of the terrain {one.name} is gone; `moonbridge terrain` adds or fetches it again"
                )
            if (thorough or not mark.looks_like(path)) and (found := digest(path)) != mark.sha256:
                raise _changed(one.name, path, mark.sha256, found)

    def _check_known(self, home: Path, path: Path) -> None:
        """Refuse to put a file in the place of another one."""
        mark = self._marks(home.name).get(path.name)
        if mark is not None and (found := digest(path)) != mark.sha256:
            raise Refused(
                f"the terrain {home.name} is installed, and its {path.name} has the SHA-256 {mark.sha256}, not {found}; give this one "
                f"another --name, or delete {home} first",
                expected=mark.sha256,
                got=found,
            )

    def _home(self, name: str) -> Path:
        if not name or name.startswith(".") or any(sign in name for sign in "/\\"):
            raise InputError(f"{name!r} cannot be the name of a terrain", field="name")
        return self.folder / name

    def _note(
        self, name: str, file: str, source: str, scale: float | None = None, offset_m: float | None = None
    ) -> None:
        home = self.folder / name
        marks = tuple(
            Mark.of(path) for path in sorted(home.iterdir()) if path.name == file or _belongs(path, home / file)
        )
        heights = next(mark for mark in marks if mark.name == data_file(home / file).name)
        one = Installed(name, file, heights.sha256, heights.bytes, source, scale, offset_m, marks)
        text = json.dumps(asdict(one), indent=2, ensure_ascii=False)
        (home / "terrain.json").write_text(f"{text}\n", encoding="utf-8")


def _belongs(path: Path, to: Path) -> bool:
    """Return whether a file is the label or the image beside another one."""
    return path.stem.casefold() == to.stem.casefold() and path.suffix.casefold() in {".img", ".lbl", ".xml"}


def _changed(name: str, path: Path, expected: str, found: str) -> Refused:
    return Refused(
        f"{path.name} of the terrain {name} is not what was installed: its SHA-256 was {expected}, now it is {found}. If the new one "
        f"is right, delete {path.parent} and add or fetch it again; if not, do the same with the old one",
        expected=expected,
        got=found,
    )
