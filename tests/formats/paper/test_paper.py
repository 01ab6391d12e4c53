"""Papers, read back by a reader of our own: the words, the tags, the languages, and that nothing in a text is ever markup."""

import ast
import inspect
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from formats.paper.reading import Document
from moonbridge.errors import InputError
from moonbridge.formats import paper

HOSTILE = '#read("/etc/passwd") *b* _i_ $x^2$ <l> @r `c` // c ] #panic() = h'
DAY = date(2026, 11, 21)


def agreement(**changes: object) -> paper.Paper:
    """A bilingual loan agreement with every kind of block; the example of the docstrings."""
    made = paper.Paper(
        title="Loan agreement", issuer="Lunar Sample Office", date=DAY, reference="L-12", label="synthetic",
        second_language="zh-hans", subtitle="between an office and a borrower", source="made up for a test",
        blocks=(
            paper.Heading("What is lent"),
            paper.Paragraph("The lender lends:\nas follows.\n\nA new paragraph."),
            paper.Notice("A draft."),
            paper.Facts((("Purpose", "research"), ("Term", "1 year"))),
            paper.Table(
                (paper.Column("Sample"), paper.Column("Mass", width=None, numbers=True)),
                rows=tuple((f"S-{number:03}", "20 mg") for number in range(60)), total=("In all", "1.2 g"), note="By weighing.",
            ),
            paper.Heading("Use of the store", 2),
            paper.Bars((paper.Bar("Store · mass", "8 g of 20 g", (paper.Piece("A", 5), paper.Piece("B", 3)), 20, "A 5 g"),)),
            paper.Clauses(
                (paper.Clause("Weigh it.", title="Receipt", parts=("at once", "with a witness")), paper.Clause("Return it.")),
                translated=(paper.Clause("称重。", title="接收", parts=("立即", "有见证人")), paper.Clause("归还。")),
            ),
            paper.Clauses((paper.Clause("Alone."),), start=3),
            paper.Listing(("first", "second")),
            paper.Listing(("one", "two"), numbered=True),
            paper.Code("moonbridge check certificate.json call.toml"),
            paper.PageBreak(),
            paper.Beside((paper.Paragraph("Left"),), (paper.Paragraph("右"),)),
            paper.qr("https://example.org/loans/L-12", alt="The page of loan L-12", caption="The loan"),
            paper.Signatures((paper.Party("The lender"), paper.Party("The borrower", name="A. Borrower"))),
        ),
        proof=paper.Proof("6a09e667f3bcc908b2fb1366ea957d3e", "Compare it with the public record."),
    )  # fmt: skip
    return replace(made, **changes)


@pytest.fixture(scope="module")
def read() -> Document:
    return Document(paper.pdf(agreement()))


def test_a_paper_says_what_was_given_in_this_order(read: Document) -> None:
    told = read.text
    expected = [
        "Lunar Sample Office", "synthetic", "Loan agreement", "between an office", "L-12", "2026-11-21", "What is lent",
        "as follows.", "A new paragraph.", "A draft.", "Purpose", "research", "Sample", "S-000", "20 mg", "S-059", "In all",
        "1.2 g", "By weighing.", "Use of the store", "8 g of 20 g", "A 5 g", "Receipt", "Weigh it.", "1.1", "at once", "接收",
        "称重。", "Return it.", "归还。", "3.", "Alone.", "second", "two", "moonbridge check", "Left", "右", "The loan",
        "The lender", "签字", "A. Borrower", "made up for a test", "Compare it with the public record.",
    ]  # fmt: skip
    places = []
    for words in expected:
        places.append(told.index(words, places[-1] if places else 0))
    assert places == sorted(places)


def test_heads_and_feet_stand_on_each_page(read: Document) -> None:
    assert len(read.pages) == 3
    for number, page in enumerate(read.pages, start=1):
        assert ("Sample" in page, "synthetic" in page) == (number < 3, True)
        assert f"Page {number} of 3" in page.replace("\n", "")
        assert "6a09e667f3bcc908" in page
    assert read.text.count("Loan agreement") == 3


def test_it_is_pdf_ua(read: Document) -> None:
    """What a validator asks of the file beside the order of the text: ISO 14289-1, 5, 7.1, 7.2, 7.18."""
    data = read.data
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data
    assert b"/MarkInfo<</Marked true" in data
    assert b"/DisplayDocTitle true" in data
    assert b"/StructTreeRoot" in data
    assert b"/Lang(en)" in data
    assert b"/Lang(zh-CN)" in data
    assert b"/Alt(The page of loan L-12)" in data
    assert b">Loan agreement</rdf:li>" in data
    assert data.count(b"/ToUnicode") == data.count(b"/Type0/")
    for body in read.objects.values():
        assert b"/Type/Page/" not in body or b"/Tabs/S" in body


def test_what_it_means_is_tagged(read: Document) -> None:
    tags = read.tags
    counts = {tag: tags.count(tag) for tag in ("Title", "H1", "H2", "Table", "THead", "TH", "TFoot", "Figure")}
    assert counts == {"Title": 1, "H1": 1, "H2": 1, "Table": 1, "THead": 1, "TH": 2, "TFoot": 1, "Figure": 1}
    assert tags.count("TR") == 62
    assert tags.index("Title") < tags.index("H1") < tags.index("Table") < tags.index("H2")


def test_nothing_that_people_write_is_markup() -> None:
    everywhere = agreement(
        title=HOSTILE, issuer=HOSTILE, subtitle=HOSTILE, reference=HOSTILE, label=HOSTILE, source=HOSTILE,
        proof=paper.Proof(HOSTILE, HOSTILE),
        blocks=(
            paper.Heading(HOSTILE), paper.Paragraph(HOSTILE, strong=True), paper.Paragraph(HOSTILE, language="zh"),
            paper.Notice(HOSTILE), paper.Facts(((HOSTILE, HOSTILE),)), paper.Table((paper.Column(HOSTILE),), ((HOSTILE,),)),
            paper.Bars((paper.Bar(HOSTILE, HOSTILE, (paper.Piece(HOSTILE, 1),), told=HOSTILE),)),
            paper.Clauses((paper.Clause(HOSTILE, HOSTILE, (HOSTILE,)),)), paper.Listing((HOSTILE,)), paper.Code(HOSTILE),
            paper.Signatures((paper.Party(HOSTILE, HOSTILE, HOSTILE, HOSTILE),)),
        ),
    )  # fmt: skip
    told = Document(paper.pdf(everywhere)).text.replace("\n", "").replace(" ", "")
    assert told.count(HOSTILE.replace(" ", "")) >= 25
    assert "root:" not in told


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("กก", "[U+0E01][U+0E01]"),
        ("é🚀", "é[U+1F680]"),
        ("a\x00b", "ab"),
        ("مرحبا", "مرحبا"),
        ("中文 한국어 かな Ω я", "中文 한국어 かな Ω я"),
        ('"\\u{41}" \'', '"\\u{41}" \''),
    ],
)
def test_letters_that_no_font_has_are_spelled_out(written: str, shown: str) -> None:
    told = Document(paper.pdf(agreement(title="T", blocks=(paper.Paragraph(written),)))).text
    assert shown.replace(" ", "") in told.replace("\n", "").replace(" ", "").replace("\x00", "") or "".join(
        reversed(shown)
    ) in told.replace("\n", "")


def test_the_same_paper_gives_the_same_bytes_in_another_process() -> None:
    program = f"""
import sys
from hashlib import sha256
sys.path[:0] = {sys.path!r}
from formats.paper.test_paper import agreement
from moonbridge.formats import paper
print(sha256(paper.pdf(agreement())).hexdigest(), "matplotlib" in sys.modules)
"""
    from hashlib import sha256

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert told == [sha256(paper.pdf(agreement())).hexdigest(), "False"]
    assert paper.pdf(agreement(reference="L-13")) != paper.pdf(agreement())


def test_the_only_dates_are_those_stated() -> None:
    data = paper.pdf(agreement())
    assert data.count(b"D:20261121") == data.count(b"(D:") == 2
    undated = paper.pdf(agreement(date=None))
    assert b"(D:" not in undated
    assert "2026" not in Document(undated).text


def test_chinese_papers_have_chinese_words_of_the_house() -> None:
    told = Document(paper.pdf(agreement(language="zh-hans", second_language=None, title="借用协议")))
    assert "第1页，共3页" in told.text.replace("\n", "").replace(" ", "")
    assert "如何核验本文件" in told.text
    assert "Page 1" not in told.text
    assert b"<rdf:li>zh-CN</rdf:li>" in told.data


def test_pages_can_be_looked_at() -> None:
    for made, count in [(agreement(), 3), (agreement(blocks=()), 1)]:
        pages = paper.png(made, ppi=20)
        assert [page[:4] for page in pages] == [b"\x89PNG"] * count


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: agreement(title=" "),
        lambda: paper.pdf(agreement(language="fr")),
        lambda: paper.pdf(agreement(second_language="xx")),
        lambda: paper.Table((paper.Column("A"),), (("1", "2"),)),
        lambda: paper.Clauses((paper.Clause("a"),), translated=(paper.Clause("b"), paper.Clause("c"))),
        lambda: paper.Picture("<svg/>", alt=""),
        lambda: paper.qr("", alt="x"),
        lambda: paper.qr("x" * 501, alt="x"),
        lambda: paper.pdf(agreement(blocks=(paper.Picture("no drawing", alt="x"),))),
        lambda: paper.pdf(agreement(blocks=(paper.Heading("x", level=3),))),
        lambda: paper.labels_pdf((), title="x", issuer="x", day=DAY),
        lambda: paper.labels_pdf((paper.Label("a", "b"),), title="x", issuer="x", day=DAY, skip=21),
    ],
)
def test_what_cannot_be_set_is_refused(wrong) -> None:
    with pytest.raises(InputError):
        wrong()


def test_labels_fill_sheets_and_skip_used_places() -> None:
    labels = tuple(paper.Label(f"S-{n:02}", f"https://example.org/s/{n}", ("20 mg",), "synthetic") for n in range(20))
    read = Document(paper.labels_pdf(labels, title="Labels", issuer="Office", day=DAY, skip=2))
    assert [page.count("20 mg") for page in read.pages] == [19, 1]
    assert read.tags.count("Figure") == 20
    assert b"/Alt(QR: https://example.org/s/19)" in read.data
    single = Document(
        paper.labels_pdf(labels[:3], title="Labels", issuer="Office", day=DAY, form=paper.SINGLE, language="zh")
    )
    assert [page.count("S-") for page in single.pages] == [1, 1, 1]


def test_the_example_of_the_docstring_works() -> None:
    example = inspect.getdoc(paper).split("::\n\n", 1)[1].split("\nWhat one can rely on", 1)[0]
    names: dict[str, object] = {}
    exec(compile(ast.parse(inspect.cleandoc(example)), "docstring", "exec"), names)  # noqa: S102 - it is our own
    assert Document(names["data"]).text.count("20 mg") == 2
