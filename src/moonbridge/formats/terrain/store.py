"""The terrain that is installed on this machine: files in one folder, each with a note of what it is and its hash."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from moonbridge.engines.moon.terrain import Grid, Stack
from moonbridge.errors import InputError
from moonbridge.formats.terrain.fetching import Progress, fetch
from moonbridge.formats.terrain.originals import Original
from moonbridge.formats.terrain.reading import data_file, digest, open_sheet
from moonbridge.formats.terrain.regions import stack_around
from moonbridge.formats.terrain.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Installed:
    """One installed terrain: its name, its file (or label) inside the folder, the hash of its heights, and where it came from."""

    name: str
    file: str
    sha256: str
    bytes: int
    source: str
    scale: float | None = None
    offset_m: float | None = None


class Store:
    """The folder of installed terrain."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, which need not exist yet."""
        self.folder = folder

    def installed(self) -> tuple[Installed, ...]:
        """Return everything that is installed, by name."""
        notes = sorted(self.folder.glob("*/terrain.json"))
        return tuple(Installed(**json.loads(note.read_text(encoding="utf-8"))) for note in notes)

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

    def sheet(self, name: str) -> Sheet:
        """Return an installed terrain with the notes on its file; its heights stay on disk until they are asked for."""
        one = self.known(name)
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
        """Copy a file (and the label or image beside it) into the folder after it has been opened without a complaint."""
        sheet = open_sheet(path, name, scale=scale, offset_m=offset_m)
        home = self._home(sheet.layout.name)
        home.mkdir(parents=True, exist_ok=True)
        for other in sorted(path.parent.iterdir()):
            if other == path or (
                other.stem.casefold() == path.stem.casefold() and other.suffix.casefold() in {".img", ".lbl", ".xml"}
            ):
                shutil.copyfile(other, home / other.name)
        self._note(sheet.layout.name, path.name, source or f"added from {path.name}", scale, offset_m)
        return self.sheet(sheet.layout.name)

    def fetch(self, original: Original, progress: Progress | None = None) -> Sheet:
        """Fetch a published terrain; a broken download goes on where it stopped."""
        home = self._home(original.name)
        for number, url in enumerate(original.files):
            target = home / Path(urlsplit(url).path).name
            if not target.exists():
                first = number == 0
                fetch(
                    url,
                    target,
                    progress,
                    size=original.bytes if first else None,
                    sha256=original.sha256 if first else None,
                )
        self._note(original.name, Path(urlsplit(original.files[0]).path).name, original.source)
        return self.sheet(original.name)

    def _home(self, name: str) -> Path:
        if not name or name.startswith(".") or any(sign in name for sign in "/\\"):
            raise InputError(f"{name!r} cannot be the name of a terrain", field="name")
        return self.folder / name

    def _note(
        self, name: str, file: str, source: str, scale: float | None = None, offset_m: float | None = None
    ) -> None:
        heights = data_file(self.folder / name / file)
        one = Installed(name, file, digest(heights), heights.stat().st_size, source, scale, offset_m)
        text = json.dumps(asdict(one), indent=2, ensure_ascii=False)
        (self.folder / name / "terrain.json").write_text(f"{text}\n", encoding="utf-8")
