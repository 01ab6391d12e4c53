"""Read a PDF of this house as a screen reader would: its words, its tags, its language. A second opinion on what typst wrote.

Only what typst writes is understood (ISO 32000-1: Type0 fonts with Identity-H and a ToUnicode map, Flate streams, no object streams).
"""

import re
import zlib
from functools import cached_property

STRING = re.compile(rb"\(((?:[^\\()]|\\.|\((?:[^\\()]|\\.)*\))*)\)|<([0-9A-Fa-f]+)>", re.DOTALL)
"""A literal string (parentheses in pairs may stand in it as they are), or a hexadecimal one."""


class Document:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.objects = {int(m[1]): m[2] for m in re.finditer(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", data, re.DOTALL)}

    @cached_property
    def text(self) -> str:
        """All words of all pages, those of headers and footers too; lines end where the typesetter ended a run."""
        return "\n".join(self.pages)

    @cached_property
    def pages(self) -> list[str]:
        """The words of each page."""
        kids = re.search(rb"/Type/Pages.*?/Kids\[([^\]]*)\]", self.data, re.DOTALL)[1]
        return [self._page(page) for page in re.findall(rb"(\d+) 0 R", kids)]

    @cached_property
    def tags(self) -> list[str]:
        """The kinds of the elements of the structure tree, in the order of the file."""
        elements = [body for body in self.objects.values() if b"/StructElem" in body]
        return [re.search(rb"/S/(\w+)", body)[1].decode() for body in elements]

    def stream(self, number: int) -> bytes:
        return zlib.decompress(re.search(rb"stream\n(.*)\nendstream", self.objects[number], re.DOTALL)[1])

    def _page(self, number: bytes) -> str:
        page = self.objects[int(number)]
        resources = self.objects[ref(page, b"Resources")]
        fonts = re.search(rb"/Font(?:<<(.*?)>>|\s?(\d+) 0 R)", resources, re.DOTALL)
        named = fonts[1] if fonts[1] is not None else self.objects[int(fonts[2])]
        maps = {name: self._letters(int(font)) for name, font in re.findall(rb"/(\w+) (\d+) 0 R", named)}
        return "\n".join(
            self._run(run, maps) for run in re.findall(rb"BT(.*?)ET\n", self.stream(ref(page, b"Contents")), re.DOTALL)
        )

    def _letters(self, font: int) -> dict[int, str]:
        cmap = self.stream(ref(self.objects[font], b"ToUnicode")).decode("latin-1")
        return {
            int(a, 16): bytes.fromhex(b).decode("utf-16-be")
            for a, b in re.findall(r"^<(\w{4})> <(\w+)>$", cmap, re.MULTILINE)
        }

    def _run(self, run: bytes, maps: dict[bytes, dict[int, str]]) -> str:
        letters = maps[re.search(rb"/(\w+) [\d.]+ Tf", run)[1]]
        codes = b"".join(
            unescaped(text) if text else bytes.fromhex(digits.decode()) for text, digits in STRING.findall(run)
        )
        return "".join(letters.get(int.from_bytes(codes[i : i + 2]), "") for i in range(0, len(codes), 2))


def ref(body: bytes, key: bytes) -> int:
    return int(re.search(rb"/" + key + rb" (\d+) 0 R", body)[1])


def unescaped(text: bytes) -> bytes:
    """Undo the escapes of a literal string (ISO 32000-1, 7.3.4.2)."""
    named = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    return re.sub(
        rb"\\([0-7]{1,3}|.)",
        lambda m: bytes([int(m[1], 8)]) if m[1].isdigit() else named.get(m[1], m[1]),
        text,
        flags=re.DOTALL,
    )
