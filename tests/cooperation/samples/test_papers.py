"""The papers of lending: what they say in both languages, that they add up, and who gets them."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from formats.paper.reading import Document
from moonbridge.cooperation.samples import papers
from moonbridge.cooperation.samples.actions import incidents, returning, using
from moonbridge.cooperation.samples.asking import Line
from moonbridge.cooperation.samples.debts import loans_with_parts, today
from moonbridge.cooperation.samples.models import Loan, LoanLine, ReportKind
from moonbridge.cooperation.samples.papers.labels import label
from moonbridge.cooperation.samples.queries.accounting import statements
from moonbridge.formats import paper
from moonbridge.formats.paper import Notice

pytestmark = pytest.mark.django_db
FILM = "e" * 64


@pytest.fixture
def house() -> House:
    return House()


def whole(loan: Loan) -> Loan:
    return loans_with_parts(Loan.objects.all()).get(pk=loan.pk)


def words(data: bytes) -> str:
    return "".join(Document(data).text.split())


def squeezed(text: str) -> str:
    return "".join(text.split())


def used(house: House, loan: Loan, milligrams: int, kind: ReportKind = ReportKind.CONSUMED) -> None:
    line = loan.lines.order_by("number").first()
    using.report(line, kind, milligrams * MG, what="Dissolved.", video_sha256=FILM, by=house.borrower, command=uuid4())


def table_of(loan: Loan) -> list[tuple[int, ...]]:
    """Issued, on hand, transferred, consumed, returned, lost, adjusted, open: in milligrams, line by line."""
    lines = list(LoanLine.objects.filter(loan=loan).select_related("loan", "split__collection").order_by("number"))
    return [
        tuple(
            amount // MG
            for amount in (
                one.balance.issued, one.balance.on_hand, one.balance.transferred, one.balance.consumed, one.balance.returned,
                one.lost, one.adjusted, one.unexplained,
            )
        )
        for one in statements(lines)
    ]  # fmt: skip


def test_the_agreement_speaks_both_languages_and_names_everything(house: House) -> None:
    loan = lending.granted(house, lending.powder(house, 20), Line(house.clast.pk, None, disposition="intact"))
    english = words(paper.pdf(papers.agreement(whole(loan))))
    for said in (
        house.agency.name, "Institute of Basalt", str(house.borrower), loan.code, "T0001", "20 mg", "T0002", "300 mg", "320 mg",
        "Only the responsible user and the named team may use the samples.", "样品仅限责任人及列名的团队成员使用。",
        "1 year", "(assumed)", "draft", "A. Person",
    ):  # fmt: skip
        assert squeezed(said) in english, said
    with translation.override("zh-hans"):
        chinese = words(paper.pdf(papers.agreement(whole(loan))))
    assert chinese.index("样品仅限责任人") < chinese.index("Onlytheresponsibleuser")
    signed = lending.certified(house, lending.powder(house, 10))
    assert papers.agreement(whole(signed)).label == ""


def test_the_certificate_states_what_two_people_weighed(house: House) -> None:
    loan = lending.prepared(house, lending.powder(house, 20))
    line = loan.lines.get()
    said = words(paper.pdf(papers.certificate(whole(loan))))
    for text in ("C-1", line.lent.name, "20 mg", "10 ug", "XP26", str(house.curator), str(house.second), "T0001"):
        assert squeezed(text) in said, text
    assert Document(paper.pdf(papers.certificate(whole(loan)))).tags.count("Table") >= 1


def test_the_return_form_balances_after_all_that_can_happen_to_a_line(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, 100))
    assert table_of(loan) == [(100, 100, 0, 0, 0, 0, 0, 0)]
    used(house, loan, 30)
    used(house, loan, 5, ReportKind.RESIDUE)
    residue = (5, 5, 0, 0, 0, 0, 0, 0)
    assert table_of(loan) == [(100, 65, 5, 30, 0, 0, 0, 0), residue]
    line = loan.lines.get(number=1)
    using.sub_split(line, [20 * MG], loss_ng=MG, what="Cut.", by=house.borrower, command=uuid4())
    assert table_of(loan) == [(100, 44, 25, 31, 0, 0, 0, 0), residue, (20, 20, 0, 0, 0, 0, 0, 0)]
    incidents.report_missing(loan.lines.get(number=3), 3 * MG, what="Spilt.", by=house.borrower, command=uuid4())
    assert table_of(loan) == [(100, 44, 25, 31, 0, 0, 0, 0), residue, (20, 17, 0, 0, 0, 3, 0, 0)]
    back = returning.send_back(loan, list(loan.lines.filter(number__lte=2)), by=house.borrower, command=uuid4())
    assert table_of(back) == [(100, 0, 25, 31, 44, 0, 0, 0), (5, 0, 0, 0, 5, 0, 0, 0), (20, 17, 0, 0, 0, 3, 0, 0)]


def test_what_weighings_cannot_explain_is_told_as_adjusted(house: House) -> None:
    loan = lending.weighed_back(house, lending.powder(house, 100), off=-1 * MG)
    for officer in (house.curator, house.office):
        loan = returning.reconcile(loan, reason="Dust on the lid.", by=officer, command=uuid4())
    assert table_of(loan) == [(100, 0, 0, 0, 99, 0, 1, 0)]
    more = lending.weighed_back(house, lending.powder(house, 100), off=2 * MG)
    for officer in (house.curator, house.office):
        more = returning.reconcile(more, reason="It was weighed damp.", by=officer, command=uuid4())
    assert table_of(more) == [(100, 0, 0, 0, 102, 0, -2, 0)]


def test_the_form_says_zero_and_what_comes_back(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, 20))
    used(house, loan, 4)
    form = papers.return_form(whole(loan), on=today())
    assert not any(isinstance(block, Notice) for block in form.blocks)
    said = words(paper.pdf(form))
    assert squeezed("the balance of every line is zero") in said
    assert "16mg" in said


def test_the_inventory_list_shows_what_should_be_there_and_what_was_found(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, 20))
    line = loan.lines.get()
    using.take_inventory(loan, {line.pk: using.Found("good", "Safe 3")}, by=house.borrower, command=uuid4())
    said = words(paper.pdf(papers.inventory_list(whole(loan), on=today())))
    for text in (line.lent.name, "20 mg", "there, unchanged", "Safe 3"):
        assert squeezed(text) in said


def test_a_label_carries_the_address_of_its_piece(house: House) -> None:
    data = papers.labels([(house.powder, 1000 * MG)], agency=house.agency, on=today(), sheet=papers.Sheet(skip=3))
    assert "T0001" in words(data)
    with translation.override("en"):
        address = settings.BASE_URL.rstrip("/") + reverse("sample-history", args=[house.powder.pk])
    with translation.override("zh-hans"):
        assert label(house.powder, 1000 * MG).code == address


def statuses(house: House, path: str) -> dict[str, int]:
    found = {}
    for who in ("stranger", "borrower", "other", "curator", "second", "auditor", "office", "reviewer"):
        visitor = Client()
        visitor.force_login(getattr(house, who))
        found[who] = visitor.get(path).status_code
    found["nobody"] = Client().get(path).status_code
    return found


def test_who_may_have_which_paper(house: House) -> None:
    loan = lending.on_loan(house)
    of_the_loan = {"borrower": 200, "curator": 200, "second": 200, "auditor": 200, "office": 200}
    others = {"stranger": 404, "other": 404, "reviewer": 404, "nobody": 302}
    for name in ("agreement", "certificate", "return", "inventory"):
        assert statuses(house, f"/samples/loans/{loan.code}/papers/{name}.pdf") == of_the_loan | others, name
    curators = dict.fromkeys((*of_the_loan, *others), 404) | {"curator": 200, "second": 200, "nobody": 302}
    assert statuses(house, f"/samples/loans/{loan.code}/papers/labels.pdf") == curators
    assert statuses(house, f"/samples/pieces/{house.powder.pk}/label.pdf?form=single") == curators


def test_a_paper_that_does_not_exist_yet_is_not_handed_out(house: House) -> None:
    loan = lending.granted(house)
    visitor = Client()
    visitor.force_login(house.borrower)
    answers = {
        name: visitor.get(f"/samples/loans/{loan.code}/papers/{name}.pdf").status_code
        for name in ("agreement", "certificate", "return", "inventory", "poem")
    }
    assert answers == {"agreement": 200, "certificate": 404, "return": 404, "inventory": 404, "poem": 404}
    assert (
        f'href="/samples/loans/{loan.code}/papers/agreement.pdf"'
        in visitor.get(f"/samples/loans/{loan.code}/").content.decode()
    )
