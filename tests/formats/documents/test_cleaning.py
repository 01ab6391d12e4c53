"""Hidden data about people go, what is shown stays; other programs' readers (Pillow, openpyxl, typst's own output) judge."""

import io
import re
import zipfile
import zlib

import openpyxl
import pypdf
import pytest
import typst
from openpyxl.comments import Comment
from PIL import Image, PngImagePlugin
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from moonbridge.errors import InputError
from moonbridge.formats.documents import clean, inspect, words_of

SECRET = "Zhang Xiaoming"
TYPST = f'#set document(title: "Probe", author: "{SECRET}", keywords: ("{SECRET} lab",))\nIons at high cadence.\n#pagebreak()\nDust.'


def everything(content: bytes) -> bytes:
    """Return the bytes of a file with all that can be unpacked in it."""
    unpacked = b""
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            unpacked += zlib.decompress(found[1])
        except zlib.error:
            unpacked += found[1]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked += b"".join(archive.read(name) for name in archive.namelist())
    return content + unpacked


def tells(content: bytes) -> bool:
    return any(SECRET.encode(coding) in everything(content) for coding in ("utf-8", "utf-16-be"))


def pdf() -> bytes:
    return bytes(typst.compile(TYPST.encode()))


def with_pages(change) -> bytes:
    writer, made = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf()))), io.BytesIO()
    change(writer)
    writer.write(made)
    return made.getvalue()


def photograph(**options) -> bytes:
    picture, made = Image.new("RGB", (40, 30)), io.BytesIO()
    picture.putdata([(x * 6, y * 8, 90) for y in range(30) for x in range(40)])
    picture.save(made, "JPEG", **options)
    return made.getvalue()


def test_a_pdf_loses_properties_and_keeps_its_pages() -> None:
    before = pdf()
    assert tells(before)
    after = clean(before, "annex.pdf")
    reader = pypdf.PdfReader(io.BytesIO(after))
    assert not tells(after)
    assert (len(reader.pages), reader.metadata, reader.xmp_metadata) == (2, None, None)
    assert (
        words_of(after, "annex.pdf").split()
        == words_of(before, "annex.pdf").split()
        == ["Ions", "at", "high", "cadence.", "Dust."]
    )
    assert inspect(io.BytesIO(after), "annex.pdf").media_type == "application/pdf"


def test_notes_on_a_page_no_longer_say_who_wrote_them() -> None:
    def note(writer: pypdf.PdfWriter) -> None:
        one = DictionaryObject({
            NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Text"),
            NameObject("/T"): TextStringObject(SECRET), NameObject("/Contents"): TextStringObject("Check this"),
        })  # fmt: skip
        writer.metadata = None
        del writer.root_object["/Metadata"]
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(one)])

    before = with_pages(note)
    assert tells(before)
    after = clean(before, "annex.pdf")
    assert not tells(after)
    assert b"Check this" in after


def test_photographs_in_a_pdf_are_cleaned_and_earlier_revisions_go() -> None:
    def placed(writer: pypdf.PdfWriter) -> None:
        image = StreamObject()
        image._data = photograph(comment=SECRET)
        image.update({NameObject("/Subtype"): NameObject("/Image"), NameObject("/Filter"): NameObject("/DCTDecode")})
        writer.metadata = None
        del writer.root_object["/Metadata"]
        writer.pages[0]["/Resources"][NameObject("/XObject")] = DictionaryObject({
            NameObject("/Photo"): writer._add_object(image)
        })  # fmt: skip

    before = with_pages(placed)
    assert tells(before)
    assert not tells(clean(before, "annex.pdf"))
    writer, revised = pypdf.PdfWriter(io.BytesIO(before), incremental=True), io.BytesIO()
    del writer.pages[0]["/Resources"]["/XObject"]
    writer.write(revised)
    assert tells(revised.getvalue())
    assert not tells(clean(revised.getvalue(), "annex.pdf"))
    assert clean(before, "annex.pdf") == clean(before, "annex.pdf")


def test_what_cannot_be_cleaned_is_refused_with_the_reason() -> None:
    def signed(writer: pypdf.PdfWriter) -> None:
        field = writer._add_object(DictionaryObject({NameObject("/FT"): NameObject("/Sig")}))
        writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject([field])})

    for change, why in ((signed, "signed"), (lambda writer: writer.encrypt("x", algorithm="RC4-128"), "encrypted")):
        with pytest.raises(InputError, match=why):
            clean(with_pages(change), "annex.pdf")
    with pytest.raises(InputError, match="damaged"):
        clean(b"%PDF-1.7\nnothing\n%%EOF", "annex.pdf")
    with pytest.raises(InputError, match="cannot be taken out"):
        clean(photograph()[:200], "photo.jpg")


@pytest.mark.parametrize("turned", [1, 6])
def test_a_photograph_loses_what_the_camera_wrote_and_stands_as_before(turned: int) -> None:
    exif = Image.Exif()
    exif[0x013B], exif[0x0112] = SECRET, turned
    before = photograph(exif=exif, comment=SECRET, progressive=turned == 6)
    before += photograph(comment=SECRET)  # a second picture behind the first, as some cameras write it
    assert tells(before)
    after = clean(before, "photo.jpeg")
    assert not tells(after)
    old, new = Image.open(io.BytesIO(before)), Image.open(io.BytesIO(after))
    assert old.tobytes() == new.tobytes()
    assert dict(new.getexif()) == ({} if turned == 1 else {0x0112: turned})
    assert inspect(io.BytesIO(after), "photo.jpeg").media_type == "image/jpeg"


def test_a_png_loses_its_texts_and_keeps_its_pixels() -> None:
    notes, made, exif = PngImagePlugin.PngInfo(), io.BytesIO(), Image.Exif()
    notes.add_text("Author", SECRET)
    notes.add_itxt("Company", SECRET, zip=True)
    exif[0x013B] = SECRET
    Image.linear_gradient("L").save(made, "PNG", pnginfo=notes, exif=exif)
    assert tells(made.getvalue())
    after = clean(made.getvalue(), "figure.png")
    again = Image.open(io.BytesIO(after))
    assert not tells(after)
    assert again.text == {}
    assert again.tobytes() == Image.linear_gradient("L").tobytes()


def test_a_workbook_loses_authors_of_itself_and_of_comments() -> None:
    book, made = openpyxl.Workbook(), io.BytesIO()
    book.properties.creator = book.properties.lastModifiedBy = book.properties.title = SECRET
    book.active["A1"] = "12.5 kg"
    book.active["A1"].comment = Comment("with margin", SECRET)
    book.save(made)
    assert tells(made.getvalue())
    after = clean(made.getvalue(), "budget.xlsx")
    assert not tells(after)
    again = openpyxl.load_workbook(io.BytesIO(after))
    cell = again.active["A1"]
    assert (cell.value, cell.comment.text, cell.comment.author) == ("12.5 kg", "with margin", "Anonymous")
    assert inspect(io.BytesIO(after), "budget.xlsx").name == "budget.xlsx"
    assert "with margin" in words_of(after, "budget.xlsx")


def test_a_word_document_loses_who_changed_and_commented_and_its_pictures_are_cleaned() -> None:
    made = io.BytesIO()
    body = f'<w:p><w:ins w:id="1" w:author="{SECRET}" w:initials=\'ZX\'><w:r><w:t>Ions &amp; dust</w:t></w:r></w:ins></w:p>'
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "_rels/.rels": b'<Relationships><Relationship Type="x/thumbnail" Target="y"/><Relationship Id="1"/></Relationships>',
        "docProps/core.xml": f"<dc:creator>{SECRET}</dc:creator>".encode(),
        "docProps/app.xml": f"<Company>{SECRET}</Company>".encode(),
        "docProps/custom.xml": f"<property>{SECRET}</property>".encode(),
        "docProps/thumbnail.jpeg": photograph(comment=SECRET),
        "word/document.xml": f"<w:document>{body}</w:document>".encode(),
        "word/people.xml": f'<w15:person w15:author="{SECRET}"><w15:presenceInfo w15:userId="{SECRET}"/></w15:person>'.encode(),
        "word/media/image1.jpg": photograph(comment=SECRET),
    }  # fmt: skip
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert tells(made.getvalue())
    after = clean(made.getvalue(), "annex.docx")
    assert not tells(after)
    with zipfile.ZipFile(io.BytesIO(after)) as archive:
        assert set(archive.namelist()) == set(parts) - {"docProps/thumbnail.jpeg"}
        assert archive.read("_rels/.rels") == b'<Relationships><Relationship Id="1"/></Relationships>'
    assert words_of(after, "annex.docx").strip() == "Ions & dust"


def test_plain_text_is_left_alone() -> None:
    assert clean(b"a,b\n1,2\n", "table.csv") == b"a,b\n1,2\n"
    assert words_of("\ufeffä".encode(), "note.txt") == "ä"
