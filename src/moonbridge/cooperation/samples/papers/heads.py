"""What the papers of a loan have in common: their heads, their two languages, and where its page is."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.templatetags.opportunities import named
from moonbridge.cooperation.samples.models import Loan, LoanLine
from moonbridge.formats import paper
from moonbridge.formats.paper import Block, Facts, Heading, Paper, Picture
from moonbridge.quantities import SAMPLE_MASS

OTHER: Final = {"en": "zh-hans", "zh": "en"}
"""The second language of a paper in two languages, by the first."""


def first_language() -> str:
    """Return the reader's language as papers name it: English or Chinese."""
    return "zh" if (get_language() or "").startswith("zh") else "en"


def second(said: Callable[[], str]) -> str:
    """Return what ``said`` returns in the other language of the paper."""
    with override(OTHER[first_language()]):
        return said()


def facts(rows: Callable[[], Sequence[tuple[str, str]]]) -> Facts:
    """Return names and values in both languages, one below the other; once where they are the same in both."""
    with override(OTHER[first_language()]):
        translated = rows()
    pairs = zip(rows(), translated, strict=True)
    return Facts(tuple((_once(name, name_2), _once(value, value_2)) for (name, value), (name_2, value_2) in pairs))


def both(said: Callable[[], str]) -> str:
    """Return words in both languages, one below the other, such as the title of a column."""
    return _once(said(), second(said))


def heading(said: Callable[[], str]) -> Heading:
    """Return a heading in both languages."""
    return Heading(" · ".join(dict.fromkeys((said(), second(said)))))


def _once(*texts: str) -> str:
    return "\n".join(dict.fromkeys(texts))


def of_loan(
    loan: Loan, title: Callable[[], str], blocks: tuple[Block, ...], *, day: date | None, bilingual: bool = False, label: str = ""
) -> Paper:  # fmt: skip
    """Return a paper on ``loan``; ``bilingual`` says that it is written in two languages. It says on each page what is no real fact."""
    marks = (label, _("synthetic") if loan.synthetic else "")
    return Paper(
        title=title(),
        issuer=named(loan.agency),
        date=day,
        blocks=blocks,
        language=first_language(),
        second_language=OTHER[first_language()] if bilingual else None,
        subtitle=second(title) if bilingual and second(title) != title() else "",
        reference=loan.code,
        label=" · ".join(mark for mark in marks if mark),
    )


def page_of(loan: Loan) -> Picture:
    """Return the QR code of the loan's page."""
    address = absolute("loan", loan.code)
    return paper.qr(address, alt=_("The page of loan %(code)s") % {"code": loan.code}, caption=address)


def absolute(route: str, *arguments: object) -> str:
    """Return the address of a page as it is printed: with the host, and in no particular language."""
    with override("en"):
        return settings.BASE_URL.rstrip("/") + reverse(route, args=arguments)


def mass(nanograms: int | None) -> str:
    """Return nanograms as exact text; a dash for what is not known."""
    return "–" if nanograms is None else SAMPLE_MASS.text(nanograms)


def signed(nanograms: int) -> str:
    """Return a difference with its sign."""
    return f"−{mass(-nanograms)}" if nanograms < 0 else mass(nanograms)


def stated(line: LoanLine) -> int:
    """Return what a line weighs: as issued, or as granted before anybody has weighed it."""
    return line.granted_ng if line.issued_ng is None else line.issued_ng


def piece(line: LoanLine) -> str:
    """Return the name of the piece that travels."""
    return (line.lent or line.split).name


def day(value: date | None) -> str:
    """Return a day as text; a line to write on where it is not known yet."""
    return value.isoformat() if value else "____-__-__"


def other_language() -> str:
    """Return the second language as papers name it."""
    return OTHER[first_language()].partition("-")[0]
