"""Uploaded files: honest ones are named, dishonest ones refused with the reason."""

import hashlib
import io
import struct
import zipfile
import zlib

import openpyxl
import pytest

from moonbridge.errors import InputError
from moonbridge.formats.documents import ALLOWED, inspect
from moonbridge.formats.documents.inspection import clean_name

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\xff"))
    + chunk(b"IEND", b"")
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\x01" * 40 + b"\xff\xd9"
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def workbook() -> bytes:
    file, book = io.BytesIO(), openpyxl.Workbook()
    book.active.append(["proposal", "score"])
    book.save(file)
    return file.getvalue()


def document(extra: dict[str, bytes] | None = None, *, types: bytes = b"", body: bytes = b"<w:document/>") -> bytes:
    parts = {
        "[Content_Types].xml": b"<Types>application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        + types,
        "_rels/.rels": b"<Relationships/>",
        "word/document.xml": body,
    } | (extra or {})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


HONEST = {
    "plan.pdf": (PDF, "application/pdf"),
    "drawing.png": (PNG, "image/png"),
    "photo.JPG": (JPEG, "image/jpeg"),
    "photo.jpeg": (JPEG, "image/jpeg"),
    "notes.txt": ("Température: −20 °C, 5 < 6 & 月球\r\n".encode(), "text/plain"),
    "table.csv": ('\ufeffname,offset\n+X face,-3.5\n"a, b",2\n'.encode(), "text/csv"),
    "budget.xlsx": (workbook(), EXCEL),
    "letter.docx": (document(), WORD),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_file_is_named_sized_and_digested(name: str) -> None:
    content, media_type = HONEST[name]
    found = inspect(io.BytesIO(content), name)
    assert (found.name, found.media_type, found.size) == (name, media_type, len(content))
    assert found.sha256 == hashlib.sha256(content).hexdigest()


def test_each_accepted_ending_has_an_honest_example() -> None:
    assert {name.lower().rpartition(".")[2] for name in HONEST} == {ending[1:] for ending in ALLOWED}


@pytest.mark.parametrize("ending", ALLOWED)
@pytest.mark.parametrize("name", HONEST)
def test_a_file_under_another_kinds_name_is_refused(name: str, ending: str) -> None:
    content, media_type = HONEST[name]
    if media_type.startswith("text/") and ending in {".txt", ".csv"}:
        return  # a table is text, and this text is a table of one column
    if f".{name.lower().rpartition('.')[2]}" in (
        {ending} | ({".jpg", ".jpeg"} if ending in {".jpg", ".jpeg"} else set())
    ):
        return
    with pytest.raises(InputError):
        inspect(io.BytesIO(content), f"file{ending}")


HOSTILE = {
    "a page as text": ("a.txt", b"\n  <!DOCTYPE html><p>hi", "begins like a page"),
    "a script in text": ("a.txt", b"Hello\n<ScRiPt src=//x>", "markup or a script"),
    "a picture with script as text": ("a.txt", b"<svg onload=alert(1)>", "begins like a page"),
    "a drawing as PNG": ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Scalable Vector"),
    "a shell script": ("a.txt", b"#!/bin/sh\nrm -rf /\n", "begins like"),
    "a program": ("a.txt", b"MZ\x90\x00\x03" + b"\0" * 100, "control characters|UTF-8"),
    "a program as PDF": ("a.pdf", b"MZ\x90\x00" + b"\0" * 200, "Windows Executable"),
    "a formula": ("a.csv", b"name,value\nx,=HYPERLINK(1)\n", "formula"),
    "a quoted formula": ("a.csv", b'"=1+1",2\n', "formula"),
    "data exchange": ("a.csv", b"+cmd|' /C calc'!A0,1\n", "formula"),
    "text in Latin-1": ("a.txt", "café".encode("latin-1"), "not UTF-8"),
    "a PDF with a page in front": ("a.pdf", b"<html>" + PDF, "content is not|HTML"),
    "a PDF with a page in its head": ("a.pdf", b"%PDF-1.7\n%<script>alert(1)</script>\n" + PDF, "markup or a script"),
    "a PDF with a script": ("a.pdf", PDF.replace(b"/Type", b"/S /JavaScript /Type"), "a script"),
    "a PDF with an escaped script": ("a.pdf", PDF.replace(b"/Type", b"/S /J#61vaScript /Type"), "a script"),
    "a PDF that starts programs": ("a.pdf", PDF.replace(b"/Type", b"/S /Launch /Type"), "starts programs"),
    "a PDF with a file": ("a.pdf", PDF.replace(b"/Type", b"/EmbeddedFile /Type"), "another file"),
    "a PDF with an archive behind": ("a.pdf", PDF + workbook() + b"%%EOF", "archive hides"),
    "a PDF cut off": ("a.pdf", PDF.replace(b"%%EOF", b""), "cut off"),
    "a PNG with an archive behind": ("a.png", PNG + workbook(), "something else behind"),
    "a PNG cut off": ("a.png", PNG[:-9], "cut off"),
    "a PNG damaged": ("a.png", PNG.replace(b"IDAT", b"IDAX"), "checksum"),
    "a JPEG with an archive behind": ("a.jpg", JPEG + workbook(), "something else behind"),
    "a JPEG with an archive inside": ("a.jpg", JPEG[:-2] + workbook() + b"\xff\xd9", "archive hides"),
    "a plain archive": ("a.docx", document().replace(b"[Content_Types].xml", b"[Content_Typos].xml"), "archive, not a Word|content is not"),
    "a workbook as document": ("a.docx", workbook(), "not a Word"),
    "a document with macros": ("a.docx", document({"word/vbaProject.bin": b"x"}), "macros"),
    "a document of a macro type": ("a.docx", document(types=b"vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
    "a document with an object": ("a.docx", document({"word/embeddings/oleObject1.xml": b"x"}), "embedded objects"),
    "a document with a program": ("a.docx", document({"word/setup.exe": b"x"}), "does not belong"),
    "a document with a page": ("a.docx", document({"word/afchunk.html": b"<p>"}), "does not belong"),
    "a document with entities": ("a.docx", document(body=b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), "entities"),
    "a document with an outside template": (
        "a.docx",
        document({"word/_rels/settings.xml.rels": b'<Relationship Type="x/attachedTemplate" Target="http://e" TargetMode="External"/>'}),
        "from outside",
    ),
    "a document that climbs out": ("a.docx", document({"../../evil.xml": b"x"}), "outside of the document"),
    "a document with a doubled part": ("a.docx", document({"WORD/document.xml": b"<x/>"}), "two of the same name"),
    "a bomb": ("a.docx", document(body=b"0" * (60 * 2**20)), "unpacked"),
    "a document behind a page": ("a.docx", b"<html>" + document(), "content is not|before or behind"),
    "a document before a page": ("a.docx", document() + b"anything", "before or behind|damaged"),
    "a document cut off": ("a.docx", document()[:-30], "damaged"),
    "an unknown kind": ("a.html", b"<p>", "not accepted"),
    "two endings": ("a.pdf.exe", PDF, "not accepted"),
    "no ending": ("README", b"hello", "not accepted"),
    "nothing": ("a.txt", b"", "empty"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_for_its_reason(case: str) -> None:
    name, content, reason = HOSTILE[case]
    with pytest.raises(InputError, match=reason):
        inspect(io.BytesIO(content), name)


def test_a_header_that_lies_about_its_size_does_not_get_through() -> None:
    honest = document(body=b"0" * 5000)
    lying = honest.replace(struct.pack("<I", 5000), struct.pack("<I", 50))
    with pytest.raises(InputError, match="damaged"):
        inspect(io.BytesIO(lying), "a.docx")


def test_a_link_to_a_page_is_fine_in_a_document() -> None:
    relation = b'<Relationship Type="http://schemas/hyperlink" Target="https://example.org" TargetMode="External"/>'
    assert inspect(io.BytesIO(document({"word/_rels/document.xml.rels": relation})), "a.docx").media_type == WORD


def test_the_limit_holds_to_the_byte() -> None:
    assert inspect(io.BytesIO(b"x" * 1000), "a.txt", limit=1000).size == 1000
    with pytest.raises(InputError, match="larger than"):
        inspect(io.BytesIO(b"x" * 1001), "a.txt", limit=1000)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("in\u202evoice\x00.pdf", "invoice.pdf"),
        (" . ", "file"),
        ("é" * 300 + ".txt", "é" * 146 + ".txt"),
    ],
)
def test_names_lose_folders_and_invisible_characters(given: str, kept: str) -> None:
    assert clean_name(given) == kept
