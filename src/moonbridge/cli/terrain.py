"""``moonbridge terrain``: which heights of the Moon there are, which are here, and how to get more."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from moonbridge.engines.moon.terrain import Grid
    from moonbridge.formats.terrain.sheets import Sheet
    from moonbridge.formats.terrain.store import Store

terrain = typer.Typer(help="Terrain of the Moon: what is published, what is installed.", no_args_is_help=True)

_PIPE_WIDTH = 160


def store() -> "Store":
    """Return the installed terrain of this machine's state folder."""
    from moonbridge.formats.terrain.store import Store
    from moonbridge.site.embedded import state_folder

    return Store(state_folder() / "terrain")


@terrain.command("list")
def listed() -> None:
    """Show the published terrains, and those that are installed."""
    from moonbridge.formats.terrain.originals import originals

    here = {one.name: one for one in store().installed()}
    table = Table("name", "here", "what", "source", box=None, header_style="bold", pad_edge=False)
    for name, one in originals().items():
        table.add_row(name, "yes" if name in here else "", one.title, one.source)
    for name, installed in here.items():
        if name not in originals():
            table.add_row(name, "yes", installed.file, installed.source)
    _console().print(table)


@terrain.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="A GeoTIFF, a PDS3 .IMG with its .LBL, or a PDS4 label.")],
    *,
    name: Annotated[str | None, typer.Option(help="Its name here; the file's without an ending if not given.")] = None,
    source: Annotated[str, typer.Option(help="Where it comes from, for provenance.")] = "",
    scale: Annotated[float | None, typer.Option(help="Metres per stored unit, where the file errs.")] = None,
    offset: Annotated[float | None, typer.Option(help="Metres to add, where the file errs.")] = None,
) -> None:
    """Install a file that is here, after reading it."""
    _describe(store().add(file, name, source=source, scale=scale, offset_m=offset))


@terrain.command("fetch")
def fetch(name: Annotated[str, typer.Argument(help="A name of `moonbridge terrain list`.")]) -> None:
    """Download a published terrain; a broken download goes on where it stopped."""
    from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

    from moonbridge.formats.terrain.originals import original

    asked = original(name)
    columns = (*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None)
        sheet = store().fetch(asked, lambda have, total: bar.update(task, completed=have, total=total))
    _describe(sheet)


@terrain.command("info")
def info(name: Annotated[str, typer.Argument(help="An installed terrain, or a file.")]) -> None:
    """Say what a terrain is: extent, pixel, heights, hash, and where the file contradicts itself. All of it is read and hashed."""
    from moonbridge.formats.terrain.reading import open_sheet

    path = Path(name)
    _describe(open_sheet(path) if path.is_file() else store().sheet(name, thorough=True))


def sheets(names: Sequence[str]) -> "tuple[Sheet, ...]":
    """Return files and installed terrains as they are named, all that are installed without names; no heights are read."""
    from moonbridge.formats.terrain.reading import open_sheet

    if not names:
        return store().sheets()
    return tuple(open_sheet(Path(name)) if Path(name).is_file() else store().sheet(name) for name in names)


def _describe(sheet: "Sheet") -> None:
    import numpy as np

    layout = sheet.layout
    rows, columns = layout.shape
    print(
        f"{layout.name}: {columns} x {rows} pixels of {abs(layout.dx_m):g} x {abs(layout.dy_m):g} m, {_projected(layout)}"
    )
    low, high, unknown = np.inf, -np.inf, 0
    for strip in sheet.strips():
        heights = strip.heights_m
        low, high = min(low, np.fmin.reduce(heights, axis=None)), max(high, np.fmax.reduce(heights, axis=None))
        unknown += int(np.isnan(heights).sum())
    print(f"heights {low:.1f} to {high:.1f} m above the sphere of 1737.4 km")
    print(f"{unknown} pixels unknown; SHA-256 {layout.sha256}")
    for note in sheet.notes:
        print(f"note: {note}")


def _projected(grid: "Grid") -> str:
    from moonbridge.formats.terrain.rasters import crs

    return crs(grid.projection)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PIPE_WIDTH)
