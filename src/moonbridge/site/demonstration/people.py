"""The people of the demonstration: known by their addresses, and without a password."""

from moonbridge.accounts.demo import ROLES
from moonbridge.accounts.models import Role, RoleKind, Scope, User
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.site.demonstration import content

OFFICE, REVIEWER = ROLES["programme office"], ROLES["reviewer"]
DOMAIN = OFFICE.partition("@")[2]


def load(agency: Partner) -> None:
    """Make the people who are named in the files, with their roles for ``agency``; those who exist stay as they are."""
    for who in content.read("people"):
        person(who["email"], name=who["name"], institution=who["institution"], country=who["country"])
        if "role" in who:
            grant(who["email"], RoleKind(who["role"]), Scope.AGENCY, agency)


def person(email: str, **fields: str) -> User:
    """Return the person with this address, made now if there is none."""
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, **fields)


def named(who: str) -> User:
    """Return the person of the demonstration whose address begins with ``who``."""
    return User.objects.get(email=f"{who}@{DOMAIN}")


def grant(email: str, kind: RoleKind, scope: Scope, thing: Partner | Opportunity) -> None:
    """Give the person with this address a role for ``thing``, once."""
    Role.objects.get_or_create(user=User.objects.get(email=email), kind=kind, scope=scope, scope_id=thing.pk)


def team_lead(key: str) -> User:
    """Return the invented lead of the synthetic proposal ``key``."""
    return person(f"lead-{key.lower()}@{DOMAIN}", name=f"Team lead, {key}")
