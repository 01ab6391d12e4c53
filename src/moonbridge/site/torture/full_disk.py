"""A disk that fills up under load: a clear refusal, books that can still be read, and nothing lost once there is room again."""

import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg

from moonbridge.errors import MoonbridgeError
from moonbridge.site.torture.killing import PARTIAL, UNBACKED, Order, counted, drawn_order
from moonbridge.site.torture.scratch import Scratch

MEGABYTES: Final = 260
"""Room for an empty cluster with its tables, its write-ahead log, and some movements."""
LEFT: Final = 400_000
"""Bytes that are left free when the load begins: less than the next part of the write-ahead log takes."""
DISK_FULL: Final = "53100"
MOST: Final = 20_000
"""Movements after which a disk that does not fill is taken for another fault."""


class CannotMount(MoonbridgeError):  # noqa: N818 - what it is
    """A small disk cannot be made here: it takes root and a system that lets mount."""

    code = "cannot-mount"


@dataclass
class Told:
    """What the full disk did: what was acknowledged before, how the refusal read, and what was there when there was room again."""

    acknowledged: int = 0
    refusal: str = ""
    still_readable: bool = False
    lost: int = 0
    partial: int = 0
    unbacked: int = 0
    goes_on: bool = False


@contextmanager
def small_disk(megabytes: int = MEGABYTES) -> Iterator[Path]:
    """Mount a disk of a few megabytes in memory until the block ends; raises :class:`CannotMount` where that is not possible."""
    folder = Path(tempfile.mkdtemp(prefix="moonbridge-disk-"))
    options = f"size={megabytes}m,mode=711"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False)
    try:
        if done.returncode:
            raise CannotMount("A small disk cannot be mounted here; it takes root.")
        yield folder
    finally:
        if not done.returncode:
            subprocess.run(["umount", folder], check=True)
        folder.rmdir()


def fill_under_load(scratch: Scratch, disk: Path, *, seed: int = 1) -> Told:
    """Fill ``disk``, on which the server of ``scratch`` lives, post until it refuses, make room again, and compare."""
    told, filler = Told(), disk / "filler"
    _fill(filler, disk)
    acknowledged = _post_until_refused(scratch, told, random.Random(seed))  # noqa: S311 - reproducible, no secret
    filler.unlink()
    if not scratch.cluster.answers():
        scratch.start()
    with scratch.connect() as connection:
        there = connection.execute(
            "SELECT count(*) FROM ledger_movement WHERE id = ANY (%s)", (acknowledged,)
        ).fetchone()
        told.lost = len(acknowledged) - (there[0] if there else 0)
        told.partial, told.unbacked = counted(connection, PARTIAL), counted(connection, UNBACKED)
        told.goes_on = Order(uuid4(), "intake", ["origin", "store"], ["", "0"], [-1, 1]).post(connection, scratch.book)
    return told


def _fill(filler: Path, disk: Path) -> None:
    free = os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - LEFT)


def _post_until_refused(scratch: Scratch, told: Told, draw: random.Random) -> list[object]:
    done: list[object] = []
    with scratch.connect() as connection:
        for _ in range(MOST):
            order = drawn_order(draw)
            try:
                order.post(connection, scratch.book)
            except psycopg.DatabaseError as refusal:
                if refusal.sqlstate == "MB002":
                    continue
                told.refusal = f"{refusal.sqlstate}: {str(refusal).splitlines()[0]}"
                told.still_readable = refusal.sqlstate == DISK_FULL and counted(connection, PARTIAL) == 0
                break
            done.append(order.id)
    told.acknowledged = len(done)
    return done
