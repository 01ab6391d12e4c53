"""Fetch a published file: go on where the last try stopped, show progress, and check what came."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from moonbridge.errors import Refused
from moonbridge.formats.terrain.reading import digest

type Progress = Callable[[int, int | None], None]
"""Told the bytes that are there and the bytes that there will be (None if the server does not say)."""

CHUNK: Final = 1 << 18
PATIENCE_S: Final = 30


def fetch(
    url: str, target: Path, progress: Progress | None = None, *, size: int | None = None, sha256: str | None = None
) -> Path:
    """Put what is at ``url`` into ``target``; until it is whole and checked it is ``target`` with ``.part`` behind.

    A part that is already there is continued if the server allows it. Raises :class:`~moonbridge.errors.Refused` where the server
    cannot be reached, refuses, or sends something else than ``size`` and ``sha256`` say; the part then stays for the next try, unless
    it is wrong.
    """
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _receive(url, part, progress)
    except HTTPError as problem:
        raise Refused(f"{url}: the server answers {problem.code} {problem.reason}", status=problem.code) from None
    except (URLError, OSError) as problem:
        reason = getattr(problem, "reason", problem)
        raise Refused(
            f"{url} cannot be reached ({reason}). Without a network, copy the file here by other means and use "
            "`moonbridge terrain add FILE`; a broken download goes on where it stopped.",
        ) from None
    _check(url, part, size, sha256)
    return part.replace(target)


def _receive(url: str, part: Path, progress: Progress | None) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        answer = urlopen(Request(url, headers=headers), timeout=PATIENCE_S)  # noqa: S310 - addresses of the catalogue
    except HTTPError as problem:
        if have and problem.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # the part is already whole
        raise
    with answer:
        continued = answer.status == HTTPStatus.PARTIAL_CONTENT
        _save(answer, part, have if continued else 0, progress)


def _save(answer: Any, part: Path, have: int, progress: Progress | None) -> None:
    length = answer.headers.get("Content-Length")
    total = have + int(length) if length else None
    with part.open("ab" if have else "wb") as file:
        while piece := answer.read(CHUNK):
            file.write(piece)
            have += len(piece)
            if progress:
                progress(have, total)
    if total is not None and have < total:
        raise ConnectionError(f"the connection broke after {have} of {total} bytes")


def _check(url: str, part: Path, size: int | None, sha256: str | None) -> None:
    got = part.stat().st_size
    if size is not None and got != size:
        part.unlink()
        raise Refused(
            f"{url} has {got} bytes, not the {size} of the catalogue; it was thrown away", got=got, expected=size
        )
    if sha256 is not None and (found := digest(part)) != sha256:
        part.unlink()
        raise Refused(f"{url} has the SHA-256 {found}, not {sha256}; it was thrown away", got=found, expected=sha256)
