"""People are seated by their office: at once if the agency knows them, by invitation otherwise; tables go round."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import builders
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.cooperation.review.actions import rosters, seats
from moonbridge.cooperation.review.actions.seats import About
from moonbridge.cooperation.review.models import Duty, RefereeInvitation, Review, Seat
from moonbridge.cooperation.review.states import ReviewState
from moonbridge.errors import InputError, NotAllowed, Refused, WrongState

pytestmark = pytest.mark.django_db


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_somebody_is_seated_once_with_a_label_drawn_by_lot() -> None:
    made, person, command = Meeting(), builders.person(), uuid.uuid4()
    about = About(most=4, keywords=("regolith", "dust"))
    first = seats.seat(made.panel, person, Duty.MEMBER, by=made.office, command=command, about=about)
    assert seats.seat(made.panel, person, Duty.MEMBER, by=made.office, command=command, about=about) == first
    assert (first.most, first.keywords, first.label[:2], len(first.label)) == (4, ["regolith", "dust"], "R-", 6)
    with pytest.raises(WrongState):
        seats.seat(made.panel, person, Duty.OBSERVER, by=made.office, command=uuid.uuid4())


def test_a_panel_has_one_chair_and_peers_come_from_teams() -> None:
    made = Meeting()
    with pytest.raises(Refused):
        seats.seat(made.panel, builders.person(), Duty.CHAIR, by=made.office, command=uuid.uuid4())
    with pytest.raises(InputError):
        seats.seat(made.panel, builders.person(), Duty.PEER, by=made.office, command=uuid.uuid4())
    with pytest.raises(InputError):
        seats.seat(
            made.panel, builders.person(), Duty.MEMBER, by=made.office, command=uuid.uuid4(), about=About(least=9)
        )


def test_who_leaves_gives_back_what_is_owed_and_returns_to_the_same_seat() -> None:
    made = Meeting(2)
    seat = made.member(made.items[0])
    made.written(made.items[1], seat)
    seats.leave(seat, because="ill", by=made.office, command=uuid.uuid4())
    assert set(Review.objects.filter(seat=seat).values_list("state", flat=True)) == {
        ReviewState.RELEASED, ReviewState.SUBMITTED,
    }  # fmt: skip
    with pytest.raises(WrongState):
        seats.leave(seat, because="twice", by=made.office, command=uuid.uuid4())
    back = seats.seat(made.panel, seat.user, Duty.RESERVE, by=made.office, command=uuid.uuid4())
    assert (back.pk, back.label, back.left_at, back.duty) == (seat.pk, seat.label, None, Duty.RESERVE)


def test_nobody_but_the_office_seats_and_lets_go() -> None:
    made = Meeting()
    for user in (made.chair.user, made.secretary.user, builders.office_of(builders.agency()), builders.person()):
        with pytest.raises(NotAllowed):
            seats.seat(made.panel, builders.person(), Duty.MEMBER, by=user, command=uuid.uuid4())
        with pytest.raises(NotAllowed):
            seats.leave(made.chair, because="x", by=user, command=uuid.uuid4())


class TestAddresses:
    """What the office is told of an address is the same whether or not it has an account."""

    def add(self, made: Meeting, email: str, duty: str = "member"):
        address = reverse("review-seats", args=[made.call.slug, made.panel.pk])
        given = {"command": str(uuid.uuid4()), "email": email, "duty": duty}
        return client_of(made.office).post(address, given, follow=True)

    def test_account_or_none_the_answer_is_an_invitation(self) -> None:
        made, somebody = Meeting(), builders.person()
        pages = [self.add(made, email).content.decode() for email in (somebody.email, "nobody@example.org")]
        for page, email in zip(pages, (somebody.email, "nobody@example.org"), strict=True):
            assert f"An invitation goes to {email}" in page
            assert somebody.name not in page
        assert set(RefereeInvitation.objects.values_list("email", "duty", "seat")) == {
            (somebody.email, "member", None), ("nobody@example.org", "member", None),
        }  # fmt: skip

    def test_whom_the_agency_knows_sits_at_once(self) -> None:
        made = Meeting()
        known = builders.role(RoleKind.REVIEWER, Scope.AGENCY, made.call.agency)
        assert f"{known.name} sits in the panel now." in self.add(made, known.email.upper()).content.decode()
        assert made.panel.seats.get(user=known).duty == Duty.MEMBER
        assert self.add(made, known.email).status_code == 400

    def test_a_seat_is_changed_and_left_on_its_pages(self) -> None:
        made = Meeting(1)
        seat = made.member(made.items[0])
        client, page = client_of(made.office), reverse("review-seat", args=[made.call.slug, seat.pk])
        given = {
            "command": str(uuid.uuid4()),
            "duty": "reserve",
            "kinds": "Engineer, engineer",
            "orcid": "0000-0002-1825-0097",
        }
        assert client.post(page, given).status_code == 302
        seat.refresh_from_db()
        assert (seat.duty, seat.kinds, seat.orcid) == ("reserve", ["engineer"], "0000-0002-1825-0097")
        assert client.post(page, given | {"orcid": "0000-0002-1825-0098"}).status_code == 400
        leave = reverse("review-seat-leave", args=[made.call.slug, seat.pk])
        assert client.post(leave, {"command": str(uuid.uuid4())}).status_code == 400
        command = {"command": str(uuid.uuid4()), "because": "moved"}
        assert [client.post(leave, command).status_code for _ in range(2)] == [302, 302]
        assert b"moved" in client.get(reverse("review-seats", args=[made.call.slug, made.panel.pk])).content


class TestTables:
    """What is handed out can be taken in again; what is wrong is refused whole."""

    def test_the_exported_table_changes_nothing_when_it_comes_back(self) -> None:
        made = Meeting()
        seat = made.seat(Duty.REFEREE, most=3, keywords=["dust", "=ice"], texts=["One.", "Two."], kinds=["engineer"])
        client = client_of(made.office)
        for ending in ("csv", "xlsx"):
            address = reverse("review-seats-export", args=[made.call.slug, made.panel.pk, ending])
            data = client.get(address).content
            found = rosters.read_for(made.panel, data)
            assert (len(found.changed), found.seated, found.invited) == (3, (), ())
            rosters.take_in(made.panel, data, by=made.office, command=uuid.uuid4())
            again = Seat.objects.get(pk=seat.pk)
            for name in ("duty", "least", "most", "keywords", "texts", "kinds", "label"):
                assert getattr(again, name) == getattr(seat, name), name
        assert client.get(address.replace("xlsx", "pdf")).status_code == 404

    def test_a_table_seats_the_known_and_invites_the_others(self) -> None:
        made = Meeting()
        known, other = builders.role(RoleKind.CURATOR, Scope.AGENCY, made.call.agency), builders.person()
        text = f"email;duty;most\n{known.email};secretary;2\n{other.email};;\nnew@example.org;reserve;1\n"
        client, slug = client_of(made.office), made.call.slug
        upload = SimpleUploadedFile("people.csv", text.encode())
        page = client.post(reverse("review-seats-check", args=[slug, made.panel.pk]), {"file": upload})
        assert page.status_code == 200
        carried = page.context["form"].initial
        given = {"command": str(uuid.uuid4()), "name": carried["name"], "content": carried["content"]}
        take_in = reverse("review-seats-take-in", args=[slug, made.panel.pk])
        assert [client.post(take_in, given).status_code for _ in range(2)] == [302, 302]
        assert made.panel.seats.get(user=known).duty == Duty.SECRETARY
        assert set(RefereeInvitation.objects.values_list("email", "duty", "about__most")) == {
            (other.email, "member", None), ("new@example.org", "reserve", 1),
        }  # fmt: skip
        assert len(rosters.read_for(made.panel, text.encode()).waiting) == 2

    @pytest.mark.parametrize(
        "text", ["name\nA\n", "email\nx\n", "email,duty\na@b.org,peer\n", "email,least\na@b.org,-1\n",
                 "email,shoe\na@b.org,9\n", "email\na@b.org\nA@b.org\n"],
    )  # fmt: skip
    def test_a_wrong_table_is_refused_with_its_row(self, text: str) -> None:
        made = Meeting()
        with pytest.raises(InputError) as refusal:
            rosters.read_for(made.panel, text.encode())
        assert refusal.value.line is not None
        file = SimpleUploadedFile("people.csv", io.BytesIO(text.encode()).read())
        address = reverse("review-seats-check", args=[made.call.slug, made.panel.pk])
        assert client_of(made.office).post(address, {"file": file}).status_code == 400
