"""Pictures and publications of pieces: attached once, shown to everybody, and nothing comes through that nobody should see."""

from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from cooperation.samples import lending
from cooperation.samples.lending import PHOTOGRAPHER, House
from moonbridge.accounts.actions import make_token
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import publishing, returning, using
from moonbridge.cooperation.samples.models import DutyKind, Fulfilment, Loan, Picture, Publication
from moonbridge.cooperation.samples.states.lending import LoanState
from moonbridge.errors import InputError, NotAllowed, Refused, WrongState
from moonbridge.record.models import Entry

pytestmark = pytest.mark.django_db

CITED = publishing.Cited("https://doi.org/10.1126/SCIENCE.abl7957", "Age and composition of young basalts", 2021)
TYPED = {"reference": CITED.reference, "title": CITED.title, "year": str(CITED.year)}


@pytest.fixture
def house(settings, tmp_path) -> House:
    files = settings.STORAGES["default"] | {"OPTIONS": {"location": str(tmp_path), "base_url": None}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    return House()


def client(user=None) -> Client:
    made = Client()
    if user is not None:
        made.force_login(user)
    return made


def command() -> dict[str, str]:
    return {"command": str(uuid4())}


def kept_files(settings) -> list[Path]:
    return [path for path in Path(settings.STORAGES["default"]["OPTIONS"]["location"]).rglob("*") if path.is_file()]


def test_a_curator_attaches_a_picture_and_only_its_pixels_are_shown(house: House, settings) -> None:
    upload = lending.photo()
    assert PHOTOGRAPHER.encode() in upload.read()
    upload.seek(0)
    told = {"file": upload, "caption": "Under <b>crossed</b> polarisers", "credit": "The collection"} | command()
    path = reverse("sample-picture-add", args=[house.powder.pk])
    assert client(house.curator).post(path, told).status_code == 302
    made = Picture.objects.get()
    page = client().get(reverse("sample", args=[house.powder.pk])).content.decode()
    assert "Under &lt;b&gt;crossed&lt;/b&gt; polarisers" in page
    assert reverse("sample-picture-small", args=[made.pk]) in page
    assert "IMG_0001" not in page
    for name in ("sample-picture", "sample-picture-small"):
        answer = client().get(reverse(name, args=[made.pk]))
        content = b"".join(answer.streaming_content)
        assert PHOTOGRAPHER.encode() not in content
        assert Image.open(BytesIO(content)).size == (40, 30)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not any(b"IMG" in path.name.encode() or path.suffix for path in kept_files(settings))
    assert Entry.objects.get(verb="add-picture").body["facts"]["sha256"] == made.sha256


def test_a_picture_sent_twice_is_kept_once_and_taken_off_with_its_files(
    house: House, settings, django_capture_on_commit_callbacks
) -> None:
    key, told = uuid4(), {"caption": "x", "credit": "y", "by": house.curator}
    made = publishing.add_picture(house.powder, lending.photo(), command=key, **told)
    assert publishing.add_picture(house.powder, lending.photo(), command=key, **told) == made
    assert len(kept_files(settings)) == 2
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            client(house.curator).post(reverse("sample-picture-remove", args=[made.pk]), command())
    assert kept_files(settings) == []
    assert Picture.objects.get().removed_at
    assert client().get(reverse("sample-picture", args=[made.pk])).status_code == 404
    assert Entry.objects.filter(verb="remove-picture").count() == 1
    assert publishing.add_picture(house.powder, lending.photo(), command=key, **told) == made


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("photo.jpg", b"<script>alert(1)</script>"),
        ("photo.jpg", b"\xff\xd8\xff\xd9"),
        ("table.csv", b"name,mass\nT1,5\n"),
    ],
)
def test_a_hostile_upload_leaves_nothing_behind(house: House, settings, name: str, content: bytes) -> None:
    told = {"file": SimpleUploadedFile(name, content), "caption": "x", "credit": "y"} | command()
    answer = client(house.curator).post(reverse("sample-picture-add", args=[house.powder.pk]), told)
    assert (answer.status_code, Picture.objects.count(), kept_files(settings)) == (400, 0, [])


def test_a_piece_has_only_so_many_pictures(house: House, settings, monkeypatch) -> None:
    monkeypatch.setattr(publishing, "MOST_PICTURES", 1)
    lending.pictured(house)
    with pytest.raises(Refused, match="at most 1 picture"):
        lending.pictured(house)
    assert len(kept_files(settings)) == 2


def test_a_publication_has_one_form_and_stands_in_all_that_is_said_of_a_piece(house: House) -> None:
    path = reverse("sample-publication-add", args=[house.powder.pk])
    for _ in range(2):
        assert client(house.curator).post(path, TYPED | command()).status_code == 302
    made = Publication.objects.get()
    assert (made.reference, made.named.address) == (
        "doi:10.1126/science.abl7957",
        "https://doi.org/10.1126/science.abl7957",
    )
    picture = lending.pictured(house)
    page = client().get(reverse("sample", args=[house.powder.pk])).content.decode()
    assert 'href="https://doi.org/10.1126/science.abl7957"' in page
    record = client().get(reverse("sample-metadata", args=[house.powder.pk])).json()
    assert record["relatedIdentifiers"] == [
        {
            "relatedIdentifier": "10.1126/science.abl7957",
            "relatedIdentifierType": "DOI",
            "relationType": "IsReferencedBy",
        },
        {
            "relatedIdentifier": f"http://localhost:8000/samples/pictures/{picture.pk}/",
            "relatedIdentifierType": "URL",
            "relationType": "IsDocumentedBy",
            "resourceTypeGeneral": "Image",
        },
    ]
    said = client().get(f"/api/v1/pieces/{house.powder.pk}").json()
    assert [one["title"] for one in said["publications"]] == [CITED.title]
    assert [one["sha256"] for one in said["pictures"]] == [picture.sha256]
    client(house.curator).post(reverse("sample-publication-remove", args=[made.pk]), command())
    assert CITED.title not in client().get(reverse("sample", args=[house.powder.pk])).content.decode()
    assert lending.published(house).pk != made.pk


@pytest.mark.parametrize(
    "wrong", [{"reference": "a paper"}, {"reference": "javascript:alert(1)"}, {"title": " "}, {"year": "1968"}, {"year": "2999"}]
)  # fmt: skip
def test_a_publication_that_cannot_be_found_is_refused(house: House, wrong: dict[str, str]) -> None:
    path = reverse("sample-publication-add", args=[house.powder.pk])
    answer = client(house.curator).post(path, TYPED | wrong | command())
    assert (answer.status_code, Publication.objects.count()) == (400, 0)


def test_a_borrower_reports_what_was_published_and_owes_it_no_longer(house: House) -> None:
    clast = asking.Line(house.clast.pk, disposition="intact")
    loan = lending.on_loan(house, lending.powder(house), clast)
    path, said = reverse("loan-publication", args=[loan.code]), TYPED | command()
    for _ in range(2):
        assert client(house.borrower).post(path, said).status_code == 302
    assert {one.split.name for one in Publication.objects.all()} == {"T0001", "T0002"}
    duty = Fulfilment.objects.get()
    assert (duty.duty, duty.reference) == ("publications", "doi:10.1126/science.abl7957")
    page = client().get(reverse("sample", args=[house.powder.pk])).content.decode()
    assert (
        page.count("10.1126/science.abl7957") == 2
    )  # its address and its name; the duty that says the same is left out
    assert loan.code not in page
    assert CITED.title in client(house.borrower).get(reverse("loan", args=[loan.code])).content.decode()


def test_what_is_published_after_the_end_of_a_loan_is_reported_as_well(house: House) -> None:
    loan = lending.weighed_back(house)
    returning.reconcile(loan, by=house.curator, command=uuid4())
    for duty in ("report", "data", "publications"):
        using.waive(loan, DutyKind(duty), "None.", by=house.office, command=uuid4())
    assert returning.close(loan, by=house.office, command=uuid4()).state == LoanState.CLOSED
    headers = {"Authorization": f"Bearer {make_token('script', by=house.borrower)}", "Idempotency-Key": str(uuid4())}
    answer = Client(headers=headers).post(
        f"/api/v1/loans/{loan.code}/publications", TYPED | {"year": 2021}, content_type="application/json"
    )
    assert (answer.status_code, Publication.objects.get().loan) == (200, loan)
    assert Fulfilment.objects.filter(duty="publications", waived=False).count() == 0


@pytest.mark.parametrize("who", ["office", "auditor", "reviewer", "borrower", "other", "stranger", None])
def test_only_curators_attach_and_only_borrowers_report(house: House, who: str | None) -> None:
    loan, visitor = lending.on_loan(house), client(getattr(house, who) if who else None)
    missing = 302 if who is None else 404  # a stranger is asked to sign in
    posts = {
        reverse("sample-picture-add", args=[house.powder.pk]): {"file": lending.photo(), "caption": "x", "credit": "y"},
        reverse("sample-publication-add", args=[house.powder.pk]): TYPED,
        reverse("sample-picture-remove", args=[lending.pictured(house).pk]): {},
        reverse("sample-publication-remove", args=[lending.published(house, "10.1000/x").pk]): {},
    }
    if who != "borrower":
        posts[reverse("loan-publication", args=[loan.code])] = TYPED
    assert {visitor.post(path, told | command()).status_code for path, told in posts.items()} == {missing}
    assert (Picture.objects.get().removed_at, Publication.objects.get().removed_at) == (None, None)
    with pytest.raises(NotAllowed):
        publishing.add_publication(house.powder, CITED, by=house.borrower, command=uuid4())


def test_a_curator_of_another_agency_attaches_nothing(house: House) -> None:
    other = House()
    path = reverse("sample-picture-add", args=[house.powder.pk])
    told = {"file": lending.photo(), "caption": "x", "credit": "y"} | command()
    assert client(other.curator).post(path, told).status_code == 404


def test_the_picture_of_a_piece_that_is_not_in_the_catalogue_is_its_keepers_own(house: House) -> None:
    portion = lending.first(lending.on_loan(house)).lent
    told = {"caption": "x", "credit": "y", "by": house.curator, "command": uuid4()}
    path = reverse("sample-picture", args=[publishing.add_picture(portion, lending.photo(), **told).pk])
    seen = {
        who: client(getattr(house, who)).get(path).status_code for who in ("curator", "auditor", "borrower", "other")
    }
    assert seen == {"curator": 200, "auditor": 200, "borrower": 200, "other": 404}
    assert client().get(path).status_code == 404


def test_the_database_keeps_what_was_shown(house: House) -> None:
    picture, publication = lending.pictured(house), lending.published(house)
    for row, column in ((picture, "caption"), (publication, "title")):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**{column: "something else"})
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk)._raw_delete("default")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_ask_the_database_as_often_for_three_as_for_one(house: House, rows: int) -> None:
    for number in range(rows):
        lending.pictured(house)
        lending.published(house, f"10.1000/{number}")
        house.piece(f"U{number}", lending.MG, material="soil")
    for path, user, most in (
        ("/samples/catalogue/", None, 12),
        (reverse("sample", args=[house.powder.pk]), None, 19),
        (reverse("sample-history", args=[house.powder.pk]), house.curator, 30),
    ):
        visitor = client(user)
        visitor.get(path)
        with CaptureQueriesContext(connection) as counted:
            assert visitor.get(path).status_code == 200
        assert (path, len(counted)) <= (path, most)


def test_nothing_is_published_of_what_has_not_arrived(house: House) -> None:
    loan = lending.prepared(house)
    with pytest.raises(WrongState):
        publishing.report_publication(loan, CITED, by=house.borrower, command=uuid4())
    assert Loan.objects.get().state == LoanState.PREPARED
    with pytest.raises(InputError):
        publishing.add_publication(house.powder, publishing.Cited("", "x", 2021), by=house.curator, command=uuid4())
