"""Terrain fetched from a server of our own, broken off, continued, checked; and files added from here."""

import http.server
import os
import shutil
import threading
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from engines.moon.real import REAL, needs_real
from formats.terrain.test_reading import pds3, tif
from moonbridge.errors import InputError, Refused
from moonbridge.formats.terrain.fetching import fetch
from moonbridge.formats.terrain.originals import Original, original, originals
from moonbridge.formats.terrain.reading import digest
from moonbridge.formats.terrain.store import Store


class Server(http.server.SimpleHTTPRequestHandler):
    """Files with ranges; the first answer breaks off after ``stops_after`` bytes."""

    stops_after: int | None = None
    ranges: list[str | None]

    def do_GET(self) -> None:
        path = Path(self.directory) / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        content, asked = path.read_bytes(), self.headers["Range"]
        self.ranges.append(asked)
        begin = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if begin >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        stop = type(self).stops_after
        type(self).stops_after = None
        self.wfile.write(content[begin:stop])

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path):
    home = tmp_path / "server"
    home.mkdir()
    handler = type("Handler", (Server,), {"ranges": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: handler(*a, directory=str(home)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield home, f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path, served) -> None:
    home, url, handler = served
    (home / "big.bin").write_bytes(bytes(range(256)) * 4000)
    handler.stops_after = 700_000
    with pytest.raises(Refused, match="goes on where it stopped"):
        fetch(f"{url}/big.bin", tmp_path / "big.bin")
    assert not (tmp_path / "big.bin").exists()
    told = []
    fetch(
        f"{url}/big.bin",
        tmp_path / "big.bin",
        lambda have, total: told.append((have, total)),
        sha256=digest(home / "big.bin"),
    )
    assert handler.ranges == [None, "bytes=700000-"]
    assert told[-1] == (1_024_000, 1_024_000)
    assert (tmp_path / "big.bin").read_bytes() == (home / "big.bin").read_bytes()


@pytest.mark.parametrize(("wrong", "sentence"), [({"sha256": "0" * 64}, "SHA-256"), ({"size": 5}, "not the 5 of")])
def test_what_is_not_what_the_catalogue_says_is_thrown_away(tmp_path: Path, served, wrong, sentence) -> None:
    home, url, _ = served
    (home / "a.bin").write_bytes(b"abcdef")
    with pytest.raises(Refused, match=sentence):
        fetch(f"{url}/a.bin", tmp_path / "a.bin", **wrong)
    assert [path.name for path in tmp_path.iterdir()] == ["server"]


def test_no_network_and_no_file_are_said(tmp_path: Path, served) -> None:
    _, url, _ = served
    with pytest.raises(Refused, match="answers 404"):
        fetch(f"{url}/none.bin", tmp_path / "none.bin")
    with pytest.raises(Refused, match=r"cannot be reached .* `moonbridge terrain add FILE`"):
        fetch("http://127.0.0.1:9/none.bin", tmp_path / "none.bin")


def test_a_fetched_terrain_is_installed_with_hash_and_source(tmp_path: Path, served) -> None:
    home, url, _ = served
    pds3(home, centre=-90.0)
    one = Original("test", "Test", "Nobody 2026", (f"{url}/ldem_test.img", f"{url}/ldem_test.lbl"), bytes=3200)
    store = Store(tmp_path / "terrain")
    sheet = store.fetch(one)
    known = store.known("test")
    assert (known.sha256, known.bytes, known.source) == (digest(home / "ldem_test.img"), 3200, "Nobody 2026")
    assert sheet.layout.sha256 == known.sha256
    assert [sheet.layout.name for sheet in store.sheets()] == ["test"]
    store.fetch(replace(one, files=("http://127.0.0.1:9/ldem_test.img", "http://127.0.0.1:9/ldem_test.lbl")))


def test_the_first_file_under_a_name_is_trusted_and_every_other_one_refused(tmp_path: Path, served) -> None:
    """The catalogue knows no hash here; the publisher's label moves by ten pixels, then somebody touches the installed image."""
    home, url, _ = served
    image, label = pds3(home, centre=-90.0), home / "ldem_test.lbl"
    one = Original("test", "Test", "Nobody 2026", (f"{url}/ldem_test.img", f"{url}/ldem_test.lbl"))
    store, here = Store(tmp_path / "terrain"), tmp_path / "terrain" / "test"
    store.fetch(one)
    assert {mark.name: mark.sha256 for mark in store.known("test").marks} == {
        path.name: digest(path) for path in (image, label)
    }
    (here / label.name).unlink()
    with pytest.raises(Refused, match=r"ldem_test.lbl of the terrain test is gone"):
        store.sheet("test")
    first, moved = label.read_bytes(), label.read_bytes().replace(b"19.5 <pix>", b"29.5 <pix>")
    label.write_bytes(moved)
    with pytest.raises(
        Refused, match=rf"ldem_test.lbl has the SHA-256 [0-9a-f]{{64}}, not {sha256(first).hexdigest()}"
    ):
        store.fetch(one)
    label.write_bytes(first)
    heights = store.fetch(one).whole().heights_m
    assert heights[0, 0] == -400.0
    (here / image.name).write_bytes(bytes(3200))
    with pytest.raises(Refused, match=r"ldem_test.img of the terrain test is not what was installed: its SHA-256 was"):
        store.sheet("test")
    pds3(home, centre=-90.0)
    shutil.copyfile(image, here / image.name)
    assert store.open("test").heights_m[0, 0] == -400.0  # another time, the same content
    (here / image.name).write_bytes(bytes(3200))
    mark = store.known("test").marks[0]
    os.utime(here / image.name, ns=(mark.changed_ns, mark.changed_ns))
    with pytest.raises(Refused, match="is not what was installed"):
        store.sheet("test", thorough=True)


def test_another_file_cannot_take_an_installed_name(tmp_path: Path) -> None:
    store, path = Store(tmp_path / "terrain"), tif(tmp_path / "a.tif")
    store.add(path, "mine")
    store.add(path, "mine", source="a colleague")
    assert store.known("mine").source == "a colleague"
    tif(path, scale=0.25)
    with pytest.raises(
        Refused, match=r"the terrain mine is installed, and its a.tif has the SHA-256 .* another --name"
    ):
        store.add(path, "mine")
    store.add(path, "other")


def test_a_file_is_added_under_a_name_and_what_was_decided_stays(tmp_path: Path) -> None:
    store = Store(tmp_path / "terrain")
    path = tif(tmp_path / "a.tif", tags={"units": "= 800 + 0.05*DN"}, scale=1.0, offset=0.0)
    with pytest.raises(InputError, match="give --scale"):
        store.add(path, "mine")
    assert store.installed() == ()
    store.add(path, "mine", source="a colleague", scale=0.05, offset_m=800.0)
    assert store.open("mine").heights_m[0, 0] == pytest.approx(795.0)
    assert store.known("mine").source == "a colleague"


def test_what_is_not_installed_is_said_with_what_is(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(InputError, match="no terrain is installed"):
        store.sheets()
    with pytest.raises(InputError, match=r"site is not installed \(installed: nothing\)"):
        store.open("site")
    with pytest.raises(InputError, match="cannot be the name"):
        store.add(tif(tmp_path / "a.tif"), "../out")


def test_the_catalogue_names_public_originals_with_their_sources() -> None:
    assert {"ldem_4", "ldem_80s_80m_adjusted", "site01_5m", "sldem2015_128"} <= originals().keys()
    for one in originals().values():
        assert one.source
        assert all(
            url.startswith(("https://pds-geosciences.wustl.edu/", "https://pgda.gsfc.nasa.gov/")) for url in one.files
        )
    with pytest.raises(InputError, match="it has ldem_4, ldem_16"):
        original("mars")


@needs_real
def test_the_hash_in_the_catalogue_is_that_of_the_file() -> None:
    assert (REAL / "LDEM_4.IMG").stat().st_size == original("ldem_4").bytes
    assert digest(REAL / "LDEM_4.IMG") == original("ldem_4").sha256


def test_heights_survive_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "terrain")
    store.add(pds3(tmp_path, centre=-90.0), "polar")
    np.testing.assert_array_equal(store.open("polar").stored.ravel(), np.arange(1600) - 800)
