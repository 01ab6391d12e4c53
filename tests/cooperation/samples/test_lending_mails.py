"""Who is mailed what, when and in which language; allocation with a smaller version; what a committee may not do."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.samples import lending
from cooperation.samples.lending import House
from moonbridge.cooperation.samples import notices, tasks
from moonbridge.cooperation.samples.actions import granting, judging, reminding, using
from moonbridge.cooperation.samples.debts import today
from moonbridge.cooperation.samples.models import DutyKind, Loan, Reminder
from moonbridge.errors import InputError, NotAllowed, Refused
from moonbridge.record.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def queued(task: str) -> list[dict[str, object]]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name=task).order_by("id")]


def test_a_reminder_goes_to_both_sides_once_and_the_latest_of_those_missed(house: House) -> None:
    loan = lending.on_loan(house)
    assert reminding.remind_due() == 0
    Loan.objects.update(ends_on=today() + timedelta(days=7), last_inventory_on=today())
    assert (reminding.remind_due(), reminding.remind_due()) == (1, 0)
    assert list(Reminder.objects.values_list("what", "days_before")) == [("return", 7)]
    Loan.objects.update(ends_on=today() - timedelta(days=20))
    assert reminding.remind_due() == 1
    assert Reminder.objects.get(due=today() - timedelta(days=20)).days_before == -14
    for job in queued(notices.REMIND_TASK):
        tasks.remind(**job)
    assert sorted(to for sent in mail.outbox for to in sent.to) == sorted(
        [house.borrower.email, house.curator.email, house.second.email]
    )
    assert all(loan.code in sent.subject for sent in mail.outbox)


def test_what_is_done_meanwhile_is_not_reminded_of(house: House) -> None:
    loan = lending.on_loan(house)
    Loan.objects.update(ends_on=today() - timedelta(days=60), last_inventory_on=today())
    reminding.remind_due()
    using.fulfil(loan, DutyKind.REPORT, "doi:1", by=house.borrower, command=uuid4())
    tasks.remind(Reminder.objects.get(what="report").pk)
    assert mail.outbox == []


def test_decisions_are_mailed_in_the_language_of_the_reader(house: House) -> None:
    house.borrower.language = "zh-hans"
    house.borrower.save()
    loan = lending.granted(house)
    request = lending.asked(house, lending.powder(house, 5), by=house.other)
    judging.decline(request, reason="Too little is left.", by=house.office, command=uuid4())
    for job in queued(notices.BORROWER_TASK):
        tasks.tell_borrower(**job)
    for job in queued(notices.APPLICANT_TASK):
        tasks.tell_applicant(**job)
    granted, declined = mail.outbox
    assert (granted.to, declined.to) == ([house.borrower.email], [house.other.email])
    assert f"/samples/loans/{loan.code}/" in granted.body
    assert "Too little is left." in declined.body
    assert f"/samples/requests/{request.pk}/" in declined.body


def test_the_allocation_takes_the_smaller_version_where_the_full_one_does_not_fit_beside_a_better_one(
    house: House,
) -> None:
    best = lending.asked(house, lending.powder(house, 600))
    other = lending.asked(house, lending.powder(house, 400, least_ng=200 * lending.MG), by=house.other)
    for request, mark in ((best, 9), (other, 8)):
        judging.assess(request, mark=mark, conflict="", comment="", by=house.reviewer, command=uuid4())
    found = judging.allocate(house.agency, by=house.curator, command=uuid4())
    assert found.result["choices"] == {best.code: "full", other.code: "reduced"}
    assert {len(reasons) for reasons in found.result["reasons"].values()} == {2}
    granting.grant(best, by=house.office, command=uuid4())
    loan = granting.grant(other, reduced=True, by=house.office, command=uuid4())
    assert lending.first(loan).granted_ng == 200 * lending.MG


def test_a_committee_judges_only_what_it_may(house: House) -> None:
    request = lending.asked(house, lending.powder(house))
    given = {"comment": "", "command": uuid4()}
    colleague = builders.role("reviewer", "agency", house.agency, builders.person(institution="INSTITUTE of basalt "))
    with pytest.raises(NotAllowed):
        judging.assess(request, mark=10, conflict="", by=colleague, **given)
    friend = builders.role("reviewer", "agency", house.agency)
    assert judging.assess(request, mark=None, conflict="We wrote together.", by=friend, **given).mark is None
    with pytest.raises(Refused, match="No submitted request has a mark"):
        judging.allocate(house.agency, by=house.office, command=uuid4())
    for wrong in ({"mark": 11, "conflict": ""}, {"mark": 5, "conflict": "x"}, {"mark": None, "conflict": ""}):
        with pytest.raises(InputError):
            judging.assess(request, **wrong, comment="", by=house.reviewer, command=uuid4())
    for nobody in (house.curator, house.borrower, house.stranger, house.auditor):
        with pytest.raises(NotAllowed):
            judging.assess(request, mark=5, conflict="", comment="", by=nobody, command=uuid4())


def test_the_record_names_the_institution_and_no_person(house: House) -> None:
    lending.weighed_back(house)
    said = str(list(Entry.objects.values_list("body", flat=True)))
    assert "Institute of Basalt" in said
    for person in (house.borrower, house.curator, house.second):
        assert person.name not in said
        assert str(person.pk) not in said
