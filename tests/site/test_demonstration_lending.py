"""The demonstration's samples: loans in every state that a visitor wants to see, all labelled synthetic, loaded once."""

from collections import Counter

import pytest
from django.test import Client

from moonbridge.accounts.demo import ROLES
from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.debts import debts_of, loans_with_parts, today
from moonbridge.cooperation.samples.models import Loan, Request
from moonbridge.ledger import queries as books
from moonbridge.ledger.models import Book
from moonbridge.site.demonstration import content, lending, people


@pytest.fixture
def agency(db) -> Partner:
    made, _new = Partner.objects.get_or_create(slug="cnsa", defaults={"kind": "agency", "name": "An agency"})
    people.load(made)
    said: list[str] = []
    lending.load(made, said.append)
    lending.load(made, said.append)
    assert said == ["Synthetic demonstration collection"]
    return made


def test_loans_stand_where_the_file_says_and_the_books_add_up(agency: Partner) -> None:
    states = Counter(Loan.objects.values_list("state", flat=True))
    assert states == {"active": 2, "returning": 1, "closed": 1, "agreement-sent": 1}
    assert Request.objects.get(state="submitted").assessments.get().mark == 8
    assert sum(books.totals(Book.objects.get()).values()) == 0
    late = [
        loan
        for loan in loans_with_parts(Loan.objects.all())
        if any(one.is_delinquent(today()) for one in debts_of(loan))
    ]
    assert [loan.title for loan in late] == ["Noble gases of the solar wind"]


def test_everything_is_labelled_synthetic(agency: Partner) -> None:
    assert all(loan.synthetic for loan in Loan.objects.all())
    assert all(request.synthetic for request in Request.objects.all())
    page = Client().get("/samples/catalogue/").content.decode()
    came_home = 1
    assert page.count("badge synthetic") == len(content.read("lending/collection")["pieces"]) + came_home == 6
    assert all(loan.institution.startswith("Example ") for loan in Loan.objects.all())


@pytest.mark.parametrize("role", ["programme office", "team", "curator", "reviewer"])
def test_the_pages_of_lending_open_for_the_demonstrations_people(agency: Partner, role: str) -> None:
    client = Client()
    client.force_login(User.objects.get(email=ROLES[role]))
    for path in ("/samples/catalogue/", "/samples/requests/", "/samples/loans/"):
        assert client.get(path).status_code == 200
