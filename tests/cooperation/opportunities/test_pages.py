"""Every page of an opportunity: for a stranger, another office, a signed-in person, and the office itself."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from builders import agency, complete_draft, mission, office_of, open_opportunity, person
from moonbridge.cooperation.opportunities import actions, terms
from moonbridge.cooperation.opportunities.models import (
    Amendment,
    Document,
    Follow,
    Opportunity,
    Origin,
    Question,
    StageDate,
)
from moonbridge.cooperation.opportunities.states import State
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def call() -> Opportunity:
    made = complete_draft()
    return actions.publish(made, by=office_of(made.agency), command=uuid.uuid4())


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, call: Opportunity, *more) -> str:
    return reverse(name, args=[call.slug, *more])


def shown(call: Opportunity) -> str:
    """Return the public page as a stranger gets it, rendered anew: with a query it does not come from the shelf of pages."""
    return Client().get(url("opportunity", call), {"anew": "1"}).content.decode()


def post(client: Client, address: str, **data):
    return client.post(address, {"command": str(uuid.uuid4())} | data)


OFFICE_PAGES = ["opportunity-edit", "opportunity-publish", "opportunity-amend", "opportunity-manage"]
OFFICE_POSTS = [
    "opportunity-extend", "opportunity-close", "opportunity-cancel", "opportunity-keep", "opportunity-duplicate",
    "opportunity-document-add",
]  # fmt: skip
PUBLIC_PAGES = ["opportunity", "opportunity-feed", "opportunity-dates", "opportunity-follow"]


@pytest.mark.parametrize("name", OFFICE_PAGES)
def test_office_pages_do_not_exist_for_others(name: str, call: Opportunity) -> None:
    for thing in (call, complete_draft()):
        assert Client().get(url(name, thing)).status_code == 302
        for other in (person(), office_of(agency())):
            assert signed_in(other).get(url(name, thing)).status_code == 404
        assert signed_in(office_of(thing.agency)).get(url(name, thing), follow=True).status_code == 200


@pytest.mark.parametrize("name", OFFICE_POSTS)
def test_office_verbs_do_not_exist_for_others_and_not_by_get(name: str, call: Opportunity) -> None:
    assert post(Client(), url(name, call), reason="x").status_code == 302
    for other in (person(), office_of(agency())):
        assert post(signed_in(other), url(name, call), reason="x", stage="decision").status_code == 404
    assert signed_in(office_of(call.agency)).get(url(name, call)).status_code == 405
    call.refresh_from_db()
    assert call.state == State.OPEN


@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_public_pages_show_what_is_published_and_hide_drafts(name: str, call: Opportunity) -> None:
    for visitor in (Client(), signed_in(person()), signed_in(office_of(agency()))):
        assert visitor.get(url(name, call)).status_code == 200
        assert visitor.get(url(name, complete_draft())).status_code == 404


def test_a_draft_is_seen_by_its_office_alone() -> None:
    draft = complete_draft(title="Secret plan")
    page = signed_in(office_of(draft.agency)).get(url("opportunity", draft))
    assert page.status_code == 200
    assert "only your office sees it" in page.content.decode()
    hidden, absent = (
        Client().get(url("opportunity", draft)),
        Client().get(reverse("opportunity", args=["nothing-here"])),
    )
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content.replace(draft.slug.encode(), b"") == absent.content.replace(b"nothing-here", b"")


def test_a_strangers_page_holds_nothing_personal(call: Opportunity) -> None:
    answer = Client().get(url("opportunity", call))
    assert not answer.cookies
    assert b"csrfmiddlewaretoken" not in answer.content
    assert b'name="command"' not in answer.content
    assert answer.content == Client().get(url("opportunity", call)).content


def test_the_public_page_says_what_is_offered(call: Opportunity) -> None:
    page = shown(call)
    for text in ("20 kg", "10 kg", "50 W", "Scientific merit", "Everybody.", "no limit stated", "Asia/Shanghai", "UTC"):
        assert text in page


@pytest.mark.parametrize("origin", [Origin.SYNTHETIC, Origin.REPLAY])
def test_what_is_not_real_says_so_on_its_page_feed_and_calendar(origin: Origin) -> None:
    made = complete_draft(origin=origin)
    call = actions.publish(made, by=office_of(made.agency), command=uuid.uuid4())
    for name in ("opportunity", "opportunity-feed", "opportunity-dates"):
        assert origin.value in Client().get(url(name, call)).content.decode()


def test_the_public_page_takes_the_same_number_of_queries_however_much_there_is(
    call: Opportunity, django_assert_num_queries
) -> None:
    office = office_of(call.agency)

    def enrich(number: int) -> None:
        question = actions.ask(call, f"Why {number}?", by=person(), command=uuid.uuid4())
        actions.answer(question, "Because.", by=office, command=uuid.uuid4())
        actions.extend_deadline(
            call, database_now() + timedelta(days=40 + number), reason="x", by=office, command=uuid.uuid4()
        )
        call.refresh_from_db()
        upload = SimpleUploadedFile(f"{number}.txt", b"Some words.")
        actions.add_document(call, upload, title=f"Document {number}", reason="x", by=office, command=uuid.uuid4())

    enrich(1)
    with django_assert_num_queries(13):
        shown(call)
    enrich(2)
    enrich(3)
    with django_assert_num_queries(13):
        shown(call)


def test_the_offices_list_takes_the_same_number_of_queries_at_one_and_three_rows(django_assert_num_queries) -> None:
    host = agency()
    client = signed_in(office_of(host))
    counts = []
    for rows in (1, 3):
        while Opportunity.objects.filter(agency=host).count() < rows:
            complete_draft(host)
        with django_assert_num_queries(4) as queries:
            assert client.get(reverse("opportunity-mine")).status_code == 200
        counts.append(len(queries))
    assert signed_in(person()).get(reverse("opportunity-mine")).status_code == 404


def test_the_overdue_list_is_public_and_takes_two_queries(django_assert_num_queries) -> None:
    for number in (1, 3):
        while StageDate.objects.count() < number:
            late = complete_draft(closes_in=timedelta(days=-90), origin=Origin.REPLAY)
            actions.publish(late, by=office_of(late.agency), command=uuid.uuid4(), at=late.deadline - timedelta(days=9))
            late.stage_dates.filter(stage="proposals").update(kept=late.deadline)
        with django_assert_num_queries(2):
            page = Client().get(reverse("opportunity-overdue"), {"anew": "1"}).content.decode()
    assert page.count("decision announced") == Opportunity.objects.count()


# The editor


def form_of(client: Client, address: str) -> dict[str, object]:
    """Return what the editor's form would send back unchanged, read from its fields as a browser would."""
    editor = client.get(address).context["editor"]
    forms = [editor.plain]
    for rows in editor.rows.values():
        forms += [rows.management_form, *rows.forms]
    return {field.html_name: sent for form in forms for field in form if (sent := _sent(field)) is not None}


def _sent(field) -> object:
    value = field.value()
    if value is None or isinstance(value, bool):
        return "on" if value else None
    if isinstance(value, list):
        return [str(one) for one in value]
    shown = field.field.widget.format_value(value)
    return shown[0] if isinstance(shown, list) else shown


def test_the_editor_sends_back_what_it_shows_without_changing_a_word() -> None:
    draft = complete_draft()
    client = signed_in(office_of(draft.agency))
    address = url("opportunity-edit", draft)
    before = terms.said(terms.read(draft))
    answer = post(client, address, **form_of(client, address), save="1")
    assert answer.status_code == 302, answer.context["editor"].plain.errors
    draft.refresh_from_db()
    assert terms.said(terms.read(draft)) == before
    assert draft.version == 2


def test_units_are_forgiving_on_entry_and_exact_inside() -> None:
    draft = complete_draft()
    client, address = signed_in(office_of(draft.agency)), url("opportunity-edit", draft)
    data = form_of(client, address)
    rows = int(data["envelope-TOTAL_FORMS"])
    element = str(draft.elements.get().pk)
    data |= {
        "envelope-TOTAL_FORMS": str(rows + 2),
        "envelope-0-total": "20 500 g", "envelope-0-per_item": "1,5 KG",
        f"envelope-{rows}-element": element, f"envelope-{rows}-resource": "data-per-day", f"envelope-{rows}-total": "2 Gbit/day",
        f"envelope-{rows + 1}-resource": "other", f"envelope-{rows + 1}-name": "crew time", f"envelope-{rows + 1}-unit": "h",
        f"envelope-{rows + 1}-total": "12.5",
    }  # fmt: skip
    assert post(client, address, **data).status_code == 302
    lines = {line.label: (line.total, line.per_item, line.element_id is None) for line in draft.envelope.all()}
    assert lines == {
        "mass": (20_500_000, 1_500_000, False),
        "average power": (50_000, None, False),
        "data per day": (250_000_000, None, False),
        "crew time": (12_500, None, True),
    }


def test_rules_are_typed_in_what_they_measure() -> None:
    draft = complete_draft()
    client, address = signed_in(office_of(draft.agency)), url("opportunity-edit", draft)
    typed = [
        {"at_least": "30 kg", "measure": "amount", "resource": "mass", "by": "first-time"},
        {"at_most": "40 %", "measure": "part", "resource": "mass", "by": "country"},
        {"at_most": "12,5", "measure": "part", "by": "country", "group": "TH"},
        {"at_most": "1.5", "measure": "shares", "by": "country"},
        {"at_least": "3", "measure": "different", "by": "theme"},
        {"at_least": "2 h", "measure": "amount", "resource": "other", "name": "crew time", "unit": "h", "by": "all"},
    ]  # fmt: skip
    rows = {f"portfolio_rules-{n}-{name}": text for n, row in enumerate(typed) for name, text in row.items()}
    data = form_of(client, address) | rows | {"portfolio_rules-TOTAL_FORMS": str(len(typed))}
    assert post(client, address, **data).status_code == 302
    kept = [(r.measure, r.resource, r.name, r.at_least, r.at_most, r.distinct) for r in draft.portfolio_rules.all()]
    assert sorted(kept, key=str) == [
        ("amount", "mass", "", 30_000_000, None, False), ("amount", "other", "crew time", 2000, None, False),
        ("number", "", "", 3, None, True), ("part", "", "", None, 125, False), ("part", "mass", "", None, 400, False),
        ("shares", "", "", None, 1500, False),
    ]  # fmt: skip
    before = terms.said(terms.read(draft))
    assert before["an amount of a resource: mass: first-time participants"] == {"at least": "30 kg", "at most": ""}
    assert post(client, address, **form_of(client, address), save="1").status_code == 302
    assert terms.said(terms.read(draft)) == before
    data = form_of(client, address)
    measured = [data[f"portfolio_rules-{n}-measure"] for n in range(len(typed))]
    wrong = {"amount": ("resource", ""), "part": ("at_most", "140 %"), "shares": ("at_most", "many")}
    changed = {f"portfolio_rules-{n}-{wrong[m][0]}": wrong[m][1] for n, m in enumerate(measured) if m in wrong}
    forms = post(client, address, **data | changed).context["editor"].rows["portfolio_rules"].forms
    assert [list(form.errors) for form in forms] == [[wrong[m][0]] if m in wrong else [] for m in measured]


def test_what_cannot_be_read_is_said_at_its_field_and_nothing_typed_is_lost() -> None:
    draft = complete_draft()
    client, address = signed_in(office_of(draft.agency)), url("opportunity-edit", draft)
    data = form_of(client, address) | {
        "envelope-0-total": "heavy",
        "title": "Another title",
        "deadline_zone": "Mars/Utopia",
    }
    answer = post(client, address, **data)
    page = answer.content.decode()
    assert "heavy" in page
    assert "Another title" in page
    assert "is not an amount" in page
    assert "Mars/Utopia is not a time zone" in page
    draft.refresh_from_db()
    assert draft.version == 1


@pytest.mark.parametrize("element", ["-5 kg", "9" * 40, "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f", "\u202eabc"])
@pytest.mark.parametrize("row", ["envelope-0", "accommodations-0"])
def test_an_element_that_no_browser_offers_is_refused_at_its_field(row: str, element: str) -> None:
    draft = complete_draft()
    client, address = signed_in(office_of(draft.agency)), url("opportunity-edit", draft)
    answer = post(client, address, **form_of(client, address) | {f"{row}-element": element})
    name, index = row.split("-")
    assert list(answer.context["editor"].rows[name].forms[int(index)].errors) == ["element"]


def test_another_row_comes_without_scripts_and_saves_nothing() -> None:
    draft = complete_draft()
    client, address = signed_in(office_of(draft.agency)), url("opportunity-edit", draft)
    data = form_of(client, address) | {"title": "Typed meanwhile", "add": "criteria"}
    answer = post(client, address, **data)
    assert answer.status_code == 200
    assert answer.context["editor"].rows["criteria"].total_form_count() == 2
    assert "Typed meanwhile" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.version == 1


def test_a_row_is_removed_by_its_box() -> None:
    draft = complete_draft()
    client, address = signed_in(office_of(draft.agency)), url("opportunity-edit", draft)
    assert post(client, address, **form_of(client, address), **{"envelope-1-DELETE": "on"}).status_code == 302
    assert [line.resource for line in draft.envelope.all()] == ["mass"]


def test_a_stale_editor_is_told_and_keeps_what_was_typed() -> None:
    draft = complete_draft()
    client, address = signed_in(office_of(draft.agency)), url("opportunity-edit", draft)
    first, second = form_of(client, address), form_of(client, address)
    assert post(client, address, **first | {"title": "First"}).status_code == 302
    answer = post(client, address, **second | {"title": "Second"})
    assert answer.status_code == 409
    assert "Somebody else changed" in answer.content.decode()
    assert "Second" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.title == "First"


def test_a_draft_is_begun_checked_and_published_through_the_pages() -> None:
    host = agency()
    flown, office = mission(host), office_of(host)
    client = signed_in(office)
    begun = post(client, reverse("opportunity-new"), mission=str(flown.pk), title="Places on the lander")
    draft = Opportunity.objects.get()
    assert begun.url == url("opportunity-edit", draft)
    assert "This is still missing" in client.get(url("opportunity-publish", draft)).content.decode()
    refused = post(client, url("opportunity-publish", draft), version="1")
    assert refused.status_code == 409
    address = url("opportunity-edit", draft)
    data = form_of(client, address) | {
        "summary": "x", "eligibility": "y", "deadline": "2031-03-01T12:00", "deadline_zone": "Europe/Paris",
        "promised_decision": "2031-05-01T12:00", "envelope-0-resource": "mass", "envelope-0-total": "5 kg",
        "criteria-0-name": "Merit", "criteria-0-weight": "1", "criteria-0-lowest": "0", "criteria-0-highest": "10",
    }  # fmt: skip
    assert post(client, address, **data).status_code == 302
    assert post(client, url("opportunity-publish", draft), version="2").url == url("opportunity", draft)
    draft.refresh_from_db()
    assert (draft.state, draft.deadline.isoformat()) == (State.OPEN, "2031-03-01T11:00:00+00:00")


def test_publishing_a_version_that_was_not_read_is_refused() -> None:
    draft = complete_draft()
    assert post(signed_in(office_of(draft.agency)), url("opportunity-publish", draft), version="7").status_code == 409
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_an_amendment_is_looked_at_first_and_then_published(call: Opportunity) -> None:
    client, address = signed_in(office_of(call.agency)), url("opportunity-amend", call)
    data = form_of(client, address) | {"envelope-0-total": "18 kg"}
    looked = post(client, address, **data, look="1")
    assert "20 kg → 18 kg" in looked.content.decode()
    assert not Amendment.objects.exists()
    assert post(client, address, **data, amend="1").status_code == 409
    assert post(client, address, **data, amend="1", reason="The rover grew.").status_code == 302
    page = shown(call)
    assert "The rover grew." in page
    assert "Lander, mass, in total: 20 kg → 18 kg" in page


def test_the_deadline_is_extended_in_its_own_zone(call: Opportunity) -> None:
    later = (call.deadline + timedelta(days=9)).replace(hour=0, minute=0, second=0, microsecond=0)
    data = {"deadline": later.strftime("%Y-%m-%dT08:00"), "reason": "More time.", "version": call.version}
    assert post(signed_in(office_of(call.agency)), url("opportunity-extend", call), **data).status_code == 302
    call.refresh_from_db()
    assert call.deadline == later


def test_an_extension_that_is_refused_keeps_what_was_typed(call: Opportunity) -> None:
    client, address = signed_in(office_of(call.agency)), url("opportunity-extend", call)
    data = {"deadline": "2039-01-01T08:00", "reason": "More time.", "version": call.version}
    beyond = post(client, address, **data)
    assert beyond.status_code == 409
    assert "the deadline for proposals must come before the decision" in beyond.content.decode()
    assert "More time." in beyond.content.decode()
    assert post(client, address, **data | {"reason": ""}).status_code == 400


# Questions, documents, following


def test_a_question_is_read_by_its_asker_and_the_office_until_it_is_answered(call: Opportunity) -> None:
    asker, office = person(name="Curious Person"), office_of(call.agency)
    address = url("opportunity-questions", call)
    assert post(signed_in(asker), address, text="How cold is it?").status_code == 302
    for reader, sees in ((asker, True), (office, True), (person(), False), (office_of(agency()), False)):
        assert ("How cold is it?" in signed_in(reader).get(address).content.decode()) is sees
    assert "How cold is it?" not in shown(call)
    question = Question.objects.get()
    answering = url("opportunity-answer", call, question.pk)
    for other in (person(), office_of(agency()), asker):
        assert post(signed_in(other), answering, text="x").status_code == 404
    assert post(signed_in(office), answering, text="Very cold.").status_code == 302
    page = shown(call)
    assert "Very cold." in page
    assert "Curious Person" not in page
    assert post(signed_in(office), answering, text="Not so cold.").status_code == 409


def test_strangers_are_sent_to_sign_in_before_they_ask(call: Opportunity) -> None:
    assert Client().get(url("opportunity-questions", call)).status_code == 302
    closed = open_opportunity(state=State.CLOSED)
    answer = post(signed_in(person()), url("opportunity-questions", closed), text="Late?")
    assert "while the opportunity is open" in answer.content.decode()


HOSTILE = {
    "page.pdf": b"<html><script>alert(1)</script></html>",
    "program.exe": b"MZ" + b"\0" * 64,
    "picture.png": b"%PDF-1.7 not a picture",
    "empty.pdf": b"",
    "notes.txt": b"<script>alert(1)</script>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_not_what_it_says_is_refused(name: str) -> None:
    draft = complete_draft()
    upload = SimpleUploadedFile(name, HOSTILE[name], content_type="application/pdf")
    answer = post(signed_in(office_of(draft.agency)), url("opportunity-document-add", draft), title="A", file=upload)
    assert answer.status_code == 400
    assert not Document.objects.exists()


def test_a_document_is_a_download_for_those_who_see_its_opportunity(tmp_path, settings) -> None:
    draft = complete_draft()
    office = office_of(draft.agency)
    upload = SimpleUploadedFile("../../etc/guide;.txt", "Übersicht.".encode())
    added = post(signed_in(office), url("opportunity-document-add", draft), title="Guide", file=upload)
    assert added.status_code == 302
    document = Document.objects.get()
    address = url("opportunity-document", draft, document.pk)
    for visitor, status in (
        (Client(), 404),
        (signed_in(person()), 404),
        (signed_in(office_of(agency())), 404),
        (signed_in(office), 200),
    ):
        assert visitor.get(address).status_code == status
    answer = signed_in(office).get(address)
    assert b"".join(answer.streaming_content) == "Übersicht.".encode()
    assert answer["Content-Disposition"].startswith("attachment;")
    assert ".." not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "guide" not in document.file.name
    elsewhere = complete_draft(draft.agency)
    assert signed_in(office).get(url("opportunity-document", elsewhere, document.pk)).status_code == 404


def test_documents_of_a_published_opportunity_change_by_amendment(call: Opportunity) -> None:
    client = signed_in(office_of(call.agency))
    address = url("opportunity-document-add", call)
    assert post(client, address, title="A", file=SimpleUploadedFile("a.txt", b"words")).status_code == 400
    assert (
        post(client, address, title="A", reason="Late.", file=SimpleUploadedFile("a.txt", b"words")).status_code == 302
    )
    document = Document.objects.get()
    remove = url("opportunity-document-remove", call, document.pk)
    assert post(signed_in(person()), remove, reason="x").status_code == 404
    assert post(client, remove, reason="Wrong file.").status_code == 302
    assert [
        change["after"].startswith("a.txt (5 B, SHA-256 ") for a in Amendment.objects.all() for change in a.changes
    ] == [True, False]
    assert not Document.objects.exists()


def test_a_stranger_follows_only_after_confirming_from_the_mailbox(call: Opportunity) -> None:
    client = Client()
    assert client.post(url("opportunity-follow", call), {"email": "New@Example.org"}).status_code == 302
    follow = Follow.objects.get()
    assert (follow.email, follow.confirmed_at) == ("new@example.org", None)
    page = reverse("following", args=[follow.token])
    opened = Client().get(page)
    assert "Follow this opportunity?" in opened.content.decode()
    # The secret in the address stays here, and yet the form says whence it comes: without that it would be refused.
    assert opened["Referrer-Policy"] == "same-origin"
    assert 'name="referrer"' not in opened.content.decode()
    follow.refresh_from_db()
    assert follow.confirmed_at is None
    Client().post(page)
    follow.refresh_from_db()
    assert follow.confirmed_at is not None
    assert Client(enforce_csrf_checks=True).post(reverse("following-stop", args=[follow.token])).status_code == 200
    assert not Follow.objects.exists()
    assert Client().get(page).status_code == 404


def test_following_again_sends_no_second_mail_and_tells_nothing(call: Opportunity) -> None:
    answers = [
        Client().post(url("opportunity-follow", call), {"email": "a@example.org"}, follow=True) for _ in range(2)
    ]
    Follow.objects.update(confirmed_at=database_now())
    answers.append(Client().post(url("opportunity-follow", call), {"email": "a@example.org"}, follow=True))
    assert len({answer.content for answer in answers}) == 1
    assert ProcrastinateJob.objects.count() == 1


def test_a_stranger_cannot_make_the_site_mail_many(call: Opportunity) -> None:
    statuses = [
        Client().post(url("opportunity-follow", call), {"email": f"a{n}@example.org"}).status_code for n in range(12)
    ]
    assert statuses == [302] * 10 + [429] * 2
    assert ProcrastinateJob.objects.count() == 10


def test_somebody_signed_in_follows_with_their_own_address_at_once_but_not_with_anothers(call: Opportunity) -> None:
    user = person()
    client = signed_in(user)
    for email in (user.email, "somebody.else@example.org"):
        client.post(url("opportunity-follow", call), {"email": email})
    confirmed = {follow.email: follow.confirmed_at is not None for follow in Follow.objects.all()}
    assert confirmed == {user.email: True, "somebody.else@example.org": False}


def test_every_page_comes_in_chinese_too(call: Opportunity) -> None:
    with translation.override("zh-hans"):
        for name in ("opportunity", "opportunity-follow"):
            assert 'lang="zh-Hans"' in Client().get(url(name, call)).content.decode()
