"""An invitation's link works once, for the owner of its address, by POST alone; whoever else holds it learns nothing."""

import threading
import uuid
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connections
from django.test import Client
from django.urls import reverse

import builders
from cooperation.review.crowds import Crowd
from cooperation.review.panels import Meeting
from moonbridge.cooperation.review import tasks
from moonbridge.cooperation.review.actions import referees
from moonbridge.cooperation.review.actions.referees import Asked, secret_of
from moonbridge.cooperation.review.models import Duty, RefereeInvitation, Review, Seat
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ReviewState, RoundState
from moonbridge.errors import InputError, NotAllowed, Refused
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db

MOST_QUERIES = 10


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def invited(made: Meeting, email: str, *items, **fields) -> RefereeInvitation:
    asked = Asked(email, proposals=tuple(item.proposal_id for item in items), **fields)
    return referees.invite(made.panel, asked, by=made.office, command=uuid.uuid4())


def page_of(invitation: RefereeInvitation) -> str:
    return reverse("referee-invitation", args=[secret_of(invitation.pk)])


def command() -> dict[str, str]:
    return {"command": str(uuid.uuid4())}


def test_accepting_seats_the_referee_and_assigns_what_was_named_behind_a_declaration() -> None:
    made, person = Meeting(2), builders.person()
    one = invited(made, person.email.upper(), made.items[0], note="Please.")
    client, given = client_of(person), command()
    assert b"There is 1 proposal for you to judge." in client.get(page_of(one)).content
    for _ in range(2):  # a double click
        answer = client.post(page_of(one), given)
        assert (answer.status_code, answer.headers["Location"]) == (
            302, reverse("review-declare", args=[made.panel.pk]),
        )  # fmt: skip
    seat = Seat.objects.get(user=person)
    assert (seat.duty, seat.reviews.get().item, seat.reviews.get().state) == ("referee", made.items[0], "assigned")
    sight = Sight(person)
    items = made.panel.items
    assert list(items.filter(sight.to_declare())) == [made.items[0]]
    assert not items.filter(sight.items()).exists()


def test_an_officer_in_conflict_learns_of_no_invitation_to_judge_that_proposal() -> None:
    made = Meeting(2)
    deputy = builders.office_of(made.call.agency)
    for name, items in (("hidden", made.items[:1]), ("both", made.items), ("shown", made.items[1:]), ("open", [])):
        invited(made, f"{name}@example.org", *items)
    made.conflict(deputy, made.items[0])
    place = [made.call.slug, made.panel.pk]
    page = client_of(deputy).get(reverse("review-referees", args=place)).content.decode()
    assert {name for name in ("hidden", "both", "shown", "open") if f"{name}@" in page} == {"shown", "open"}
    assert "2 invitations were sent." in client_of(deputy).get(reverse("review-panel", args=place)).content.decode()
    keys = [RefereeInvitation.objects.get(email="hidden@example.org").pk, uuid.uuid4()]
    for name in ("review-referee-revoke", "review-referee-again"):
        for key in keys:
            answer = client_of(deputy).post(reverse(name, args=[made.call.slug, key]), command())
            assert answer.status_code == 404
    assert not RefereeInvitation.objects.exclude(revoked_at=None).exists()


def test_opening_the_link_uses_nothing_and_names_no_proposal() -> None:
    made, person = Meeting(1), builders.person()
    one = invited(made, person.email, made.items[0])
    for _ in range(3):
        answer = client_of(person).get(page_of(one))
        assert answer.status_code == 200
        assert made.proposals[0].code not in answer.content.decode()
        assert made.proposals[0].title not in answer.content.decode()
    assert Client().get(page_of(one)).status_code == 302
    one.refresh_from_db()
    assert (one.seat, one.declined_at) == (None, None)


def spoiled(how: str) -> tuple[str, object]:
    """Return a page and a person for whom its link does not work."""
    made, person = Meeting(1), builders.person()
    one = invited(made, person.email, made.items[0])
    rows = RefereeInvitation.objects.filter(pk=one.pk)
    if how == "another person":
        return page_of(one), builders.person()
    if how == "unconfirmed address":
        other = builders.person()
        EmailAddress.objects.create(user=other, email=person.email, verified=False)
        return page_of(one), other
    if how == "used":
        referees.accept(secret_of(one.pk), by=person, command=uuid.uuid4())
    if how == "declined":
        referees.decline(secret_of(one.pk), because="", by=person, command=uuid.uuid4())
    if how == "revoked":
        referees.revoke(one, by=made.office, command=uuid.uuid4())
    if how == "expired":
        rows.update(expires_at=database_now() - timedelta(seconds=1))
    if how == "too late":
        type(made.round).objects.filter(pk=made.round.pk).update(
            state=RoundState.CONCLUDED, concluded_at=database_now()
        )
    if how == "unknown":
        return reverse("referee-invitation", args=["x" * 43]), person
    return page_of(one), person


@pytest.mark.parametrize(
    "how",
    ["another person", "unconfirmed address", "used", "declined", "revoked", "expired", "too late", "unknown"],
)
def test_a_link_that_does_not_work_says_nothing(how: str) -> None:
    page, person = spoiled(how)
    client, before = client_of(person), Seat.objects.count()
    answers = [client.get(page), client.post(page, command()), client.post(f"{page}decline/", command())]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Seat.objects.count() == before


def test_a_second_confirmed_address_is_ones_own() -> None:
    made, person = Meeting(1), builders.person()
    EmailAddress.objects.create(user=person, email="at.work@example.org", verified=True)
    one = invited(made, "At.Work@example.org", made.items[0])
    assert client_of(person).get(page_of(one)).status_code == 200


def test_what_a_conflict_or_a_team_forbids_is_not_assigned() -> None:
    made = Meeting(3)
    person = made.proposals[1].members.get().user
    made.conflict(person, made.items[0])
    one = invited(made, person.email, *made.items)
    seat = referees.accept(secret_of(one.pk), by=person, command=uuid.uuid4())
    assert [review.item for review in seat.reviews.all()] == [made.items[2]]


def test_a_member_who_is_asked_as_referee_keeps_the_seat() -> None:
    made = Meeting(2)
    member = made.member(made.items[0])
    first, second = invited(made, member.user.email, made.items[1]), None
    assert referees.accept(secret_of(first.pk), by=member.user, command=uuid.uuid4()) == member
    second = invited(made, member.user.email, *made.items)
    assert referees.accept(secret_of(second.pk), by=member.user, command=uuid.uuid4()).duty == Duty.MEMBER
    assert Review.objects.filter(seat=member, state=ReviewState.ASSIGNED).count() == 2


def test_declining_tells_the_office_why() -> None:
    made, person = Meeting(1), builders.person()
    one = invited(made, person.email, made.items[0])
    given = command() | {"because": "on leave; ask Dr. Li"}
    for _ in range(2):
        assert client_of(person).post(f"{page_of(one)}decline/", given).status_code == 302
    page = client_of(made.office).get(reverse("review-referees", args=[made.call.slug, made.panel.pk]))
    assert "on leave; ask Dr. Li" in page.content.decode()
    assert not Seat.objects.filter(user=person).exists()


def test_only_a_digest_is_kept_and_the_mail_names_no_proposal() -> None:
    made, person = Meeting(1), builders.person(language="zh-hans")
    one = invited(made, person.email, made.items[0], note="For your eyes.")
    secret = secret_of(one.pk)
    columns = [str(getattr(one, field.attname)) for field in RefereeInvitation._meta.concrete_fields]
    assert secret not in columns
    tasks.mail_invitation(str(one.pk))
    sent = mail.outbox[-1]
    assert sent.to == [person.email]
    assert f"/referees/{secret}/" in sent.body
    assert "For your eyes." in sent.body
    assert made.proposals[0].code not in sent.body + sent.subject
    referees.revoke(one, by=made.office, command=uuid.uuid4())
    tasks.mail_invitation(str(one.pk))
    assert len(mail.outbox) == 1


def test_the_office_invites_revokes_and_sends_again() -> None:
    made, client = Meeting(2), None
    client, page = client_of(made.office), reverse("review-referees", args=[made.call.slug, made.panel.pk])
    given = command() | {"email": "new@example.org", "codes": made.proposals[0].code}
    assert [client.post(page, given).status_code for _ in range(2)] == [302, 302]
    assert client.post(page, given | command()).status_code == 400, "invited already"
    one = RefereeInvitation.objects.get()
    again, revoke = (
        reverse(f"review-referee-{name}", args=[made.call.slug, one.pk]) for name in ("again", "revoke")
    )  # fmt: skip
    assert client.post(again, command()).status_code == 409, "just sent"
    RefereeInvitation.objects.update(sent_at=database_now() - timedelta(hours=2))
    assert client.post(again, command()).status_code == 302
    assert client.post(revoke, command()).status_code == 302
    assert client.post(revoke, command()).status_code == 409
    other = client_of(builders.office_of(builders.agency()))
    assert [other.post(address, command()).status_code for address in (page, again, revoke)] == [404] * 3


def referees_page(made: Meeting) -> str:
    return reverse("review-referees", args=[made.call.slug, made.panel.pk])


def test_proposals_are_named_by_codes_as_people_type_and_paste_them() -> None:
    made = Meeting(4)
    one, two, three, four = (proposal.code for proposal in made.proposals)
    given = command() | {"email": "new@example.org", "codes": f" {one.lower()},{two};\n{one}", "ticked": [three]}
    assert client_of(made.office).post(referees_page(made), given).status_code == 302
    assert sorted(p.code for p in RefereeInvitation.objects.get().proposals.all()) == [one, two, three]
    assert client_of(made.office).post(referees_page(made), command() | {"email": "b@example.org"}).status_code == 400
    assert four not in {p.code for p in RefereeInvitation.objects.get().proposals.all()}


def test_a_search_keeps_what_was_typed_and_ticked_and_invites_nobody() -> None:
    made = Meeting(3)
    one, two, three = (proposal.code for proposal in made.proposals)
    given = command() | {
        "email": "not an address",
        "note": "Please.",
        "codes": one,
        "ticked": [two],
        "find": three,
        "look": "yes",
    }
    answer = client_of(made.office).post(referees_page(made), given)
    form = answer.context["form"]
    assert (answer.status_code, form.errors) == (200, {})
    assert [form[name].value() for name in ("email", "codes", "note")] == ["not an address", f"{one} {two}", "Please."]
    assert [code for code, _ in answer.context["found"]] == [three]
    answer = client_of(made.office).post(referees_page(made), given | {"find": "nothing is called so"})
    assert "Nothing else was found." in answer.content.decode()
    assert not RefereeInvitation.objects.exists()


def test_an_unknown_code_and_one_that_must_not_be_known_are_refused_alike() -> None:
    made = Meeting(3)
    known, conflicted, elsewhere = made.proposals
    made.conflict(made.office, made.items[1])
    made.items[2].delete()
    said = []
    for code in ("P-NONE", conflicted.code, elsewhere.code):
        answer = client_of(made.office).post(
            referees_page(made), command() | {"email": "new@example.org", "codes": f"{known.code} {code}"}
        )
        assert answer.status_code == 400
        [sentence] = answer.context["form"].errors["codes"]
        assert code in sentence
        said.append(sentence.replace(code, "…"))
        assert [found for found, _ in answer.context["found"]] == []
        assert answer.context["form"]["codes"].value() == f"{known.code} {code}", "nothing typed is lost"
    assert len(set(said)) == 1
    assert not RefereeInvitation.objects.exists()


def test_a_search_finds_nothing_that_must_not_be_known() -> None:
    made = Meeting(2)
    made.conflict(made.office, made.items[0])
    hidden = made.proposals[0]
    for text in ("", hidden.code, hidden.title):
        answer = client_of(made.office).post(referees_page(made), command() | {"find": text, "look": "yes"})
        assert hidden.code not in [code for code, _ in answer.context["found"]]


@pytest.mark.parametrize("proposals", [10, 1000])
def test_the_page_is_short_and_asks_few_queries_whatever_the_panels_size(
    proposals: int, django_assert_max_num_queries
) -> None:
    crowd = Crowd(proposals, 5)
    client, page = client_of(crowd.made.office), referees_page(crowd.made)
    searched = command() | {"codes": "P-00001", "ticked": "P-00003", "find": "proposal 7", "look": "yes"}
    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get(page)
    assert answer.content.count(b'name="ticked"') == min(20, proposals)
    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.post(page, searched)
    assert answer.content.count(b'name="ticked"') == min(20, 1 if proposals == 10 else 111)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.post(page, command() | {"email": "no address", "codes": "P-00001"}).status_code == 400


def test_nobody_is_invited_as_peer_or_by_anybody_else() -> None:
    made = Meeting(1)
    with pytest.raises(InputError):
        invited(made, "new@example.org", duty=Duty.PEER)
    for user in (made.chair.user, made.secretary.user, builders.person()):
        with pytest.raises(NotAllowed):
            referees.invite(made.panel, Asked("new@example.org"), by=user, command=uuid.uuid4())


def test_an_officer_in_conflict_names_nothing_of_it() -> None:
    made = Meeting(2)
    made.conflict(made.office, made.items[0])
    one = invited(made, "new@example.org", *made.items)
    assert list(one.proposals.all()) == [made.proposals[1]]


@pytest.mark.django_db(transaction=True)
def test_of_two_acceptances_at_once_one_happens() -> None:
    made, person = Meeting(1), builders.person()
    one = invited(made, person.email, made.items[0])
    found: list[str] = []

    def accept() -> None:
        try:
            referees.accept(secret_of(one.pk), by=person, command=uuid.uuid4())
            found.append("seated")
        except (NotAllowed, Refused):
            found.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["refused", "seated"]
    assert Seat.objects.filter(user=person).count() == 1
