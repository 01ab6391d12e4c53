"""Make the skylines that come with Moonbridge: ``python tools/skylines.py FOLDER-OF-TERRAIN``.

The folder holds the grids named below (their originals are public, see `moonbridge terrain list`). Every skyline is made by the command
that its file tells, over terrain that is installed in a state folder of its own.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parents[1]
SHIPPED: Final = HERE / "src" / "moonbridge" / "catalogue" / "skylines"

RIDGE: Final = "site01_connecting_ridge_10m"
CAP: Final = "lola_southpole_cap_240m_1536"
FAR: Final = "lola_southpole_far_1787m_512"
GLOBE: Final = "LDEM_4"
FILES: Final = {RIDGE: f"{RIDGE}.tif", CAP: f"{CAP}.tif", FAR: f"{FAR}.tif", GLOBE: f"{GLOBE}.IMG"}
MAST_M: Final = 2

POLAR: Final = (CAP, FAR, GLOBE)
SITES: Final[dict[str, tuple[tuple[str, ...], int | None]]] = {
    "change-4-landing": ((GLOBE,), None),
    "change-5-landing": ((GLOBE,), None),
    "change-6-landing": ((GLOBE,), 30),
    "change-7-nominal": (POLAR, 1500),
    "change-7-summit": (POLAR, None),
    "leibnitz-beta-centre": (POLAR, 1500),
    "leibnitz-beta-crest": (POLAR, None),
    "connecting-ridge": ((RIDGE, *POLAR), None),
    "malapert": (POLAR, 15_000),
    "shackleton-rim": (POLAR, None),
}
"""The terrain of each site, finest first, and how well its coordinates are known in metres: what the source says, else half of the last
decimal where that is more than a pixel, else None."""


def command(slug: str) -> list[str]:
    """Return the words of the command that makes the skyline of a site."""
    terrain, uncertainty = SITES[slug]
    words = ["moonbridge", "site", slug, "--year", "2027", "--mast", str(MAST_M)]
    words += [word for name in terrain for word in ("--terrain", name)]
    words += [] if uncertainty is None else ["--uncertainty", str(uncertainty)]
    return [*words, "--skyline", f"{slug}.json"]


def make(folder: Path, out: Path) -> None:
    """Make all skylines from the terrain in ``folder``."""
    with tempfile.TemporaryDirectory() as state:
        for file in FILES.values():
            _run(["moonbridge", "terrain", "add", str((folder / file).resolve())], out, state)
        for slug in SITES:
            _run(command(slug), out, state)


def _run(words: list[str], out: Path, state: str) -> None:
    run = [sys.executable, "-c", "from moonbridge.cli import main; main()", *words[1:]]
    subprocess.run(run, cwd=out, env=os.environ | {"MOONBRIDGE_STATE": state}, check=True, stdout=subprocess.DEVNULL)
    print(" ".join(words[1:3]))


if __name__ == "__main__":
    make(Path(sys.argv[1]), SHIPPED)
