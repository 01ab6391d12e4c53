"""Roles, API keys, allowances, and the doors of a demonstration."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection
from django.urls import reverse

import builders
from moonbridge.accounts import actions, demo
from moonbridge.accounts.models import Role, RoleKind, Scope, Token, User
from moonbridge.accounts.queries import holds
from moonbridge.errors import NotAllowed, Refused

pytestmark = pytest.mark.django_db


def test_an_address_has_one_account_whatever_its_letter_case() -> None:
    User.objects.create_user("a@example.org")
    with pytest.raises(IntegrityError):
        User.objects.create(email="A@EXAMPLE.org")


def test_only_the_office_of_that_agency_gives_roles() -> None:
    ours, theirs = builders.agency(), builders.agency()
    officer, newcomer = builders.office_of(ours), builders.person()
    actions.grant(newcomer, RoleKind.CURATOR, Scope.AGENCY, ours.pk, by=officer)
    assert holds(newcomer, RoleKind.CURATOR, Scope.AGENCY, ours.pk)
    assert not holds(newcomer, RoleKind.CURATOR, Scope.AGENCY, theirs.pk)
    with pytest.raises(NotAllowed):
        actions.grant(newcomer, RoleKind.CURATOR, Scope.AGENCY, theirs.pk, by=officer)
    with pytest.raises(NotAllowed):
        actions.grant(officer, RoleKind.CURATOR, Scope.AGENCY, ours.pk, by=newcomer)


def test_the_last_officer_stays() -> None:
    ours = builders.agency()
    officer = builders.office_of(ours)
    with pytest.raises(Refused, match="last programme officer"):
        actions.take(officer.roles.get(), by=officer)
    assert holds(officer, RoleKind.OFFICE, Scope.AGENCY, ours.pk)


@pytest.mark.parametrize("kind", ["chair", "secretary"])
def test_who_runs_a_panel_holds_a_seat_and_no_role(kind: str) -> None:
    with pytest.raises(IntegrityError, match="role_kind_known"):
        Role.objects.create(user=builders.person(), kind=kind, scope=Scope.AGENCY, scope_id=builders.agency().pk)


def test_only_the_digest_of_a_key_is_kept_and_a_revoked_key_is_refused(client) -> None:
    user = builders.person()
    key = actions.make_token("notebook", by=user)
    kept = Token.objects.get()
    assert key not in (kept.sha256, kept.name)
    assert kept.sha256 == actions.digest_of(key)
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/v1/me", headers=headers).json()["email"] == user.email
    actions.revoke_token(kept.pk, by=builders.person())
    assert client.get("/api/v1/me", headers=headers).status_code == 200
    actions.revoke_token(kept.pk, by=user)
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_a_strangers_me_is_refused_and_a_session_change_needs_its_csrf_token(client) -> None:
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_an_allowance_counts_exactly_however_many_ask_at_once() -> None:
    def ask(_: int) -> bool:
        try:
            return actions.allow("change:somebody", times=10, within=timedelta(hours=1))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(40))) == 10


def test_throttled_people_are_told_to_wait(client, settings) -> None:
    settings.THROTTLE_FACTOR = 0
    answer = client.post(reverse("account_login"), {})
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


def test_demo_links_sign_in_in_a_demonstration_only(client, settings) -> None:
    builders.User.objects.create_user(demo.ROLES["team"])
    links = dict(demo.sign_in_links("http://testserver"))
    assert set(links) == {*demo.ROLES, "visitor"}
    settings.DEMO = False
    assert client.get(links["team"]).status_code == 404
    settings.DEMO = True
    assert client.get(links["team"]).status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert client.get(links["team"].replace("team", "office", 1)).status_code == 404


def test_sign_up_tells_nobody_whether_an_address_has_an_account(client, mailoutbox) -> None:
    builders.User.objects.create_user("known@example.org", "a long enough password")
    form = {"name": "A", "password1": "correct horse battery", "password2": "correct horse battery"}
    answers = [
        client.post(reverse("account_signup"), form | {"email": address})
        for address in ("known@example.org", "new@example.org")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, reverse("account_email_verification_sent"))
    }
    assert [mail.to for mail in mailoutbox] == [["known@example.org"], ["new@example.org"]]


def test_the_mail_that_confirms_an_address_repeats_nothing_that_a_stranger_typed(client, mailoutbox) -> None:
    password = "correct horse battery"
    typed = {"name": "Buy at evil.example", "institution": "evil.example", "email": "new@example.org"}
    client.post(reverse("account_signup"), typed | {"password1": password, "password2": password})
    (mail,) = mailoutbox
    assert mail.subject == "Moonbridge: Please Confirm Your Email Address"
    assert mail.body.startswith("Hello from Moonbridge!\n\nYou're receiving this email because user new@example.org ")
    assert "evil" not in mail.body


@pytest.mark.parametrize(
    "name",
    ["profile", "account_email", "account_change_password", "mfa_index", "mfa_activate_totp", "mfa_list_webauthn",
     "mfa_add_webauthn", "socialaccount_connections", "account_logout"],
)  # fmt: skip
def test_every_page_of_ones_account_opens(client, name) -> None:
    person = builders.User.objects.create_user("known@example.org", "a long enough password")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client.post(reverse("account_login"), {"login": person.email, "password": "a long enough password"})
    client.post(reverse("account_reauthenticate"), {"password": "a long enough password"})
    assert client.get(reverse(name)).status_code == 200
