"""People and the roles they hold."""

import uuid
from typing import ClassVar

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes people, known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: str | bool) -> "User":
        """Return a new person; without a password they can only come in by passkey, provider or reset link."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: str | bool) -> "User":
        """Return a new site administrator."""
        return self.create_user(email, password, is_superuser=True, **fields)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """A person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=200, blank=True)
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("ISO 3166 code"))
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="one_account_per_address"),)

    def __str__(self) -> str:
        return self.name or self.email


class RoleKind(models.TextChoices):
    """What somebody is, within an agency or an opportunity. Team roles live with the team's proposal, seats in panels with the panel."""

    OFFICE = "office", _("programme office")
    CURATOR = "curator", _("curator")
    AUDITOR = "auditor", _("auditor")
    REVIEWER = "reviewer", _("reviewer")


class Scope(models.TextChoices):
    """What a role is held for."""

    AGENCY = "agency", _("agency")
    OPPORTUNITY = "opportunity", _("opportunity")


@pghistory.track()
class Role(models.Model):
    """A person holds a role for one agency or one opportunity (``scope_id`` is that row's id)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=12, choices=RoleKind)
    scope = models.CharField(max_length=12, choices=Scope)
    scope_id = models.UUIDField()
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "kind", "scope", "scope_id"], name="one_role_once"),
            models.CheckConstraint(condition=models.Q(kind__in=RoleKind.values), name="role_kind_known"),
            models.CheckConstraint(condition=models.Q(scope__in=Scope.values), name="role_scope_known"),
        )
        indexes = (models.Index(fields=["scope", "scope_id", "kind"], name="role_by_scope"),)

    def __str__(self) -> str:
        return f"{self.user} is {self.kind} for {self.scope} {self.scope_id}"


class Token(models.Model):
    """A person's key to the API. Only its digest is kept; the key itself is shown once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(_("what it is for"), max_length=80)
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name


class Allowance(models.Model):
    """How often somebody did something in the present window; the count rises in one statement, whatever runs beside it."""

    key = models.CharField(max_length=140, primary_key=True)
    until = models.DateTimeField()
    used = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key}: {self.used}"
