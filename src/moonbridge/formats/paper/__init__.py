"""Papers: PDF documents that everybody can read, in English and Chinese, from plain data.

A :class:`Paper` is a head (issuer, title, date, reference, label) and a tuple of blocks; :func:`pdf` gives its bytes::

    from datetime import date
    from moonbridge.formats import paper

    receipt = paper.Paper(
        title="Loan agreement", issuer="Lunar Sample Office", date=date(2026, 11, 21), reference="L-12", label="synthetic",
        blocks=(
            paper.Paragraph("The lender lends and the borrower receives:"),
            paper.Table(
                (paper.Column("Sample"), paper.Column("Mass", width=None, numbers=True)),
                rows=(("CE5C0000YJFM001", "20 mg"),),
                total=("In all", "20 mg"),
            ),
            paper.Clauses((paper.Clause("The borrower weighs the sample on receipt.", title="Receipt"),)),
            paper.qr("https://example.org/loans/L-12", alt="The page of loan L-12"),
            paper.Signatures((paper.Party("For the lender"), paper.Party("For the borrower", name="A. Borrower"))),
        ),
        proof=paper.Proof(digest="6a09e667f3bcc908", how="Compare with the public record."),
    )
    data = paper.pdf(receipt)

What one can rely on:

- **PDF/UA-1** (ISO 14289-1): tagged, titled, with its language and words for every picture; the typesetter refuses anything else.
- **Reproducible**: the same paper gives the same bytes. The only date in the file is ``Paper.date``.
- **Texts are texts**: whatever people wrote is set letter by letter; nothing in it is markup, and no file can be read by it.
  Letters for which no font is at hand are spelled out as code points.
- **Two languages**: ``language`` sets fonts, hyphenation and the words of the house. A bilingual agreement has ``second_language``, clauses
  with ``translated``, or :class:`Beside` for anything else.

Words on a paper other than those of the house (page, date, signature, digest) are the caller's, already in the reader's language.
:func:`labels_pdf` prints labels with QR codes; :func:`png` shows pages as pictures.
"""

from moonbridge.formats.paper.blocks import (
    LANGUAGES,
    Bar,
    Bars,
    Beside,
    Block,
    Clause,
    Clauses,
    Code,
    Column,
    Facts,
    Heading,
    Listing,
    Notice,
    PageBreak,
    Paragraph,
    Party,
    Picture,
    Piece,
    Signatures,
    Table,
)
from moonbridge.formats.paper.codes import qr, qr_svg
from moonbridge.formats.paper.document import Paper, Proof, pdf, png
from moonbridge.formats.paper.labels import A4_21, SINGLE, Form, Label, labels_pdf

__all__ = [
    "A4_21",
    "LANGUAGES",
    "SINGLE",
    "Bar",
    "Bars",
    "Beside",
    "Block",
    "Clause",
    "Clauses",
    "Code",
    "Column",
    "Facts",
    "Form",
    "Heading",
    "Label",
    "Listing",
    "Notice",
    "PageBreak",
    "Paper",
    "Paragraph",
    "Party",
    "Picture",
    "Piece",
    "Proof",
    "Signatures",
    "Table",
    "labels_pdf",
    "pdf",
    "png",
    "qr",
    "qr_svg",
]
