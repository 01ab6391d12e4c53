"""The catalogue in the database: who cooperates, on what, and what is publicly known about it."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class PartnerKind(models.TextChoices):
    """What a partner is."""

    COUNTRY = "country", _("country")
    AGENCY = "agency", _("agency")
    INSTITUTION = "institution", _("institution")
    ORGANISATION = "organisation", _("international organisation")


class Partner(models.Model):
    """A country, agency, institution or international organisation that takes part in something."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=PartnerKind)
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=2, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    aliases = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class Programme(models.Model):
    """A programme of an agency: a series of missions, a station, a shared service."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    agency = models.ForeignKey(Partner, models.PROTECT, related_name="programmes")

    def __str__(self) -> str:
        return self.name


class Mission(models.Model):
    """A mission, flown or planned."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="missions")
    agency = models.ForeignKey(Partner, models.PROTECT, related_name="missions")
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class ElementKind(models.TextChoices):
    """What an element of a mission is."""

    ORBITER = "orbiter", _("orbiter")
    LANDER = "lander", _("lander")
    ROVER = "rover", _("rover")
    RELAY = "relay", _("relay")
    ASCENDER = "ascender", _("ascender")
    RETURNER = "returner", _("returner")
    HOPPER = "hopper", _("hopper")
    ROBOT = "robot", _("robot")
    FACILITY = "facility", _("station facility")


class Element(models.Model):
    """A part of a mission that can carry something."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, models.CASCADE, related_name="elements")
    slug = models.SlugField(max_length=80)
    kind = models.CharField(max_length=12, choices=ElementKind)
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["mission", "slug"], name="one_element_per_slug"),)

    def __str__(self) -> str:
        return f"{self.mission}: {self.name}"
