"""Whoever has a conflict with a request, found, declared or set, neither sees nor judges it: on no page, list, count, file or API."""

from uuid import uuid4

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from api.programs import Program
from cooperation.samples import lending
from cooperation.samples.lending import House
from cooperation.samples.test_bench import client, command
from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.cooperation.proposals.models import TeamMember
from moonbridge.cooperation.review.models import Ground, Source
from moonbridge.cooperation.samples import conflicts
from moonbridge.cooperation.samples.actions import barring, granting, judging, requesting
from moonbridge.cooperation.samples.models import Assessment, Request
from moonbridge.errors import NotAllowed, Refused
from moonbridge.record.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def judge(house: House, kind: RoleKind = RoleKind.REVIEWER, **fields: str) -> User:
    return builders.role(kind, Scope.AGENCY, house.agency, builders.person(**fields))


def asked(house: House, **texts: object) -> Request:
    made = lending.asked(house, lending.powder(house), **texts)
    Request.objects.filter(pk=made.pk).update(title="hidden-from-some")
    return Request.objects.get(pk=made.pk)


def sees(house: House, user: User, request: Request) -> set[str]:
    """Return where ``user`` meets the request."""
    pages = {
        "page": reverse("sample-request", args=[request.pk]), "list": reverse("sample-requests"),
        "desk": reverse("samples-desk", args=[house.agency.slug]),
        "file": reverse("samples-desk-matters", args=[house.agency.slug, "csv"]),
        "allocation": reverse("sample-allocation", args=[house.agency.slug]), "start": reverse("desk"),
        "api": "/api/v1/sample-requests", "api one": f"/api/v1/sample-requests/{request.pk}",
        "api ties": f"/api/v1/sample-requests/{request.pk}/conflicts",
    }  # fmt: skip
    reader, found = client(user), set()
    for name, path in pages.items():
        answer = reader.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if (
            b"hidden-from-some" in body
            or request.code.encode() in body
            or (name == "api ties" and answer.status_code == 200)
        ):
            found.add(name)
    return found


def cannot_judge(request: Request, user: User) -> None:
    acts = [
        lambda: judging.assess(request, mark=9, conflict="", comment="", by=user, command=uuid4()),
        lambda: granting.grant(request, by=user, command=uuid4()),
        lambda: judging.decline(request, reason="x", by=user, command=uuid4()),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()


def ties(house: House, request: Request, user: User) -> list[tuple[Source, Ground]]:
    return [(tie.source, tie.ground) for tie in conflicts.standing([request], [user])]


def test_what_the_platform_finds_hides_a_request_from_those_who_judge(house: House) -> None:
    team = "A. Person\nBo Li, Observatory of Rust; C. Third, c.third@rust.edu\n0000-0002-1825-0097"
    request = asked(house, team=team)
    same = judge(house, RoleKind.OFFICE, institution=" institute  of BASALT")
    colleague = judge(house, institution="Observatory of Rust")
    namesake = judge(house, name="Li, Bo")
    host = builders.role(
        RoleKind.REVIEWER, Scope.AGENCY, house.agency, User.objects.create_user("d@rust.edu", name="D.")
    )
    orcid = judge(house, name="Josiah")
    SocialAccount.objects.create(user=orcid, provider="orcid", uid="0000-0002-1825-0097")
    mate = judge(house, name="Mate")
    call = builders.opportunity()
    proposal = builders.proposal(call, mate)
    proposal.__class__.objects.filter(pk=proposal.pk).update(submitted_at="2024-01-01T00:00Z")
    TeamMember.objects.create(proposal=proposal, user=house.borrower)
    expected = {
        same: Ground.INSTITUTION, colleague: Ground.INSTITUTION, namesake: Ground.NAME, host: Ground.MAIL, orcid: Ground.SELF,
        mate: Ground.TEAM,
    }  # fmt: skip
    for user, ground in expected.items():
        assert ties(house, request, user) == [(Source.DETECTED, ground)], ground
        assert sees(house, user, request) == set(), ground
        cannot_judge(request, user)
    everywhere = {"page", "list", "desk", "file", "allocation", "api", "api one", "api ties"}
    assert sees(house, house.office, request) == everywhere
    assert {"page", "list", "api", "api one"} <= sees(house, house.reviewer, request)
    assert sees(house, house.stranger, request) == set()
    assert sees(house, house.borrower, request) >= {"page", "list", "api one"}
    told = Program(house.office).read(f"/sample-requests/{request.pk}/conflicts")
    assert {(one["email"], one["ground"], one["source"]) for one in told} == {
        (user.email, ground.value, "detected") for user, ground in expected.items()
    }
    page = client(house.office).get(reverse("sample-request", args=[request.pk])).content.decode()
    assert "Observatory of Rust" in page
    assert "same institution" in page
    assert (
        "same institution"
        not in client(house.borrower).get(reverse("sample-request", args=[request.pk])).content.decode()
    )


def test_who_declares_a_conflict_sees_the_request_no_more_and_none_lifts_it(house: House) -> None:
    request, member = asked(house), judge(house)
    assert "page" in sees(house, member, request)
    path = f"/sample-requests/{request.pk}/assess"
    assert Program(member).post(path, {"conflict": "My sister works there."})["conflict"] == "My sister works there."
    assert sees(house, member, request) == set()
    Program(member).post(path, {"mark": 9}, status=404)
    (tie,) = conflicts.standing([request], [member])
    with pytest.raises(Refused, match="not lifted"):
        barring.lift(request, member, tie.digest, reason="x", by=house.office, command=uuid4())
    requesting.take_back(request, by=house.borrower, command=uuid4())
    again = requesting.submit(
        Request.objects.get(pk=request.pk), version=request.version, by=house.borrower, command=uuid4()
    )
    assert sees(house, member, again) == set()
    other = asked(house)
    answer = client(house.reviewer).post(
        reverse("sample-request-assess", args=[other.pk]), {"conflict": "We wrote together."} | command()
    )
    assert answer.headers["Location"] == reverse("sample-requests")


def test_the_office_sets_and_lifts_and_no_mark_of_somebody_in_conflict_counts(house: House) -> None:
    request, member = asked(house), judge(house)
    for user in (member, house.reviewer):
        judging.assess(request, mark=8, conflict="", comment="", by=user, command=uuid4())
    bar, lift = (reverse(f"sample-request-{name}", args=[request.pk]) for name in ("bar", "lift"))
    told = {"user": str(member.pk), "ground": "family", "evidence": "A letter of 3 May."}
    for user, status in [
        (house.stranger, 404), (house.borrower, 404), (house.reviewer, 404), (house.auditor, 404), (house.office, 302),
    ]:  # fmt: skip
        assert client(user).post(bar, told | command()).status_code == status
    assert not Assessment.objects.filter(by=member).exists()
    assert sees(house, member, request) == set()
    with pytest.raises(Refused, match="your own"):
        barring.bar(request, house.office, ground=Ground.OTHER, evidence="x", by=house.office, command=uuid4())
    (shown,) = Program(house.curator).read(f"/sample-requests/{request.pk}/conflicts")
    assert (shown["source"], shown["ground"], shown["evidence"]) == ("office", "family", "A letter of 3 May.")
    given = {"user": str(member.pk), "digest": shown["digest"], "reason": "Another person of that name."}
    assert client(house.curator).post(lift, given | command()).status_code == 302
    assert client(house.curator).post(lift, given | command()).status_code == 409
    assert "page" in sees(house, member, request)
    User.objects.filter(pk=house.reviewer.pk).update(institution="Institute of Basalt")
    found = Program(house.office).read(f"/sample-requests/{request.pk}/conflicts")
    assert [one["ground"] for one in found] == ["institution"]
    with pytest.raises(Refused, match="No submitted request has a mark"):
        judging.allocate(house.agency, by=house.curator, command=uuid4())
    answer = {"email": house.reviewer.email, "digest": found[0]["digest"], "reason": "Left last year."}
    assert Program(house.office).post(f"/sample-requests/{request.pk}/conflicts/lift", answer) == []
    assert judging.allocate(house.agency, by=house.curator, command=uuid4()).result["choices"] == {request.code: "full"}


def test_reasons_and_the_record_tell_nothing_to_whom_a_request_is_hidden(house: House) -> None:
    barred = judge(house, RoleKind.OFFICE, institution="Institute of Basalt")
    hidden = lending.asked(house, lending.powder(house, 700))
    seen = lending.asked(house, lending.powder(house, 600), by=house.other)
    for request, mark in ((hidden, 10), (seen, 3)):
        judging.assess(request, mark=mark, conflict="", comment="", by=house.reviewer, command=uuid4())
    judging.allocate(house.agency, by=house.curator, command=uuid4())
    page = client(barred).get(reverse("sample-allocation", args=[house.agency.slug])).content.decode()
    assert seen.code in page
    assert hidden.code not in page
    told = str(list(Entry.objects.filter(subject=hidden.address).values_list("body", flat=True)))
    assert "T0001" not in told
    assert "'mark'" not in told


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_take_as_many_queries_for_three_requests_as_for_one(house: House, rows: int) -> None:
    for _ in range(rows):
        lending.asked(house, lending.powder(house))
    counts = []
    for path in (reverse("sample-requests"), "/api/v1/sample-requests"):
        reader = client(house.reviewer)
        reader.get(path)
        with CaptureQueriesContext(connection) as asked_for:
            assert reader.get(path).status_code == 200
        counts.append(len(asked_for))
    assert counts == QUERIES


QUERIES = [22, 12]
"""Of the page and of the API: the same for one request and for three."""
