"""The catalogue in the database: who cooperates, on what, and what is publicly known about it."""

import uuid

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from moonbridge.formats.catalogue.dates import PartialDate, parse_date


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
    short = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=2, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    aliases = models.JSONField(default=list)
    catalogued = models.BooleanField(default=False, editable=False)
    """Whether it comes from the catalogue's files: loading them afresh changes or removes it; others are left alone."""

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The stable address, ``partner/<slug>``."""
        return f"partner/{self.slug}"


class Programme(models.Model):
    """A programme of an agency: a series of missions, a station, a shared service."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    agency = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="programmes")
    summary = models.TextField(blank=True)
    position = models.PositiveIntegerField(default=0)
    catalogued = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ("position", "slug")

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The stable address, ``programme/<slug>``."""
        return f"programme/{self.slug}"


class Mission(models.Model):
    """A mission, flown or planned."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="missions")
    agency = models.ForeignKey(Partner, models.PROTECT, related_name="missions")
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    catalogued = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ("position", "slug")

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The stable address, ``mission/<slug>``."""
        return f"mission/{self.slug}"


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
    SATELLITE = "satellite", _("satellite")
    SMALLSAT = "smallsat", _("small satellite")
    LAUNCHER = "launcher", _("launch vehicle")
    GROUND = "ground", _("ground facility")


class Element(models.Model):
    """A part of a mission that can carry something."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mission = models.ForeignKey(Mission, models.CASCADE, related_name="elements")
    slug = models.SlugField(max_length=80)
    kind = models.CharField(max_length=12, choices=ElementKind)
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)

    position = models.PositiveIntegerField(default=0)
    catalogued = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ("position", "slug")
        constraints = (models.UniqueConstraint(fields=["mission", "slug"], name="one_element_per_slug"),)

    def __str__(self) -> str:
        return f"{self.mission}: {self.name}"

    @property
    def address(self) -> str:
        """The stable address, ``element/<mission>-<slug>``."""
        return f"element/{self.mission.slug}-{self.slug}"


class Site(models.Model):
    """A named place on the Moon, with the coordinates to reckon with; where they come from are claims on ``place``.

    Degrees in the mean-Earth frame, planetocentric: latitude north, longitude east.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="sites")
    mission = models.ForeignKey(Mission, models.SET_NULL, null=True, related_name="sites")
    """The mission that landed or will land there; null for a place that is only compared with."""
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    latitude_deg = models.DecimalField(max_digits=9, decimal_places=6)
    longitude_deg = models.DecimalField(max_digits=9, decimal_places=6)
    position = models.PositiveIntegerField(default=0)
    catalogued = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ("position", "slug")
        constraints = (
            models.CheckConstraint(condition=models.Q(latitude_deg__range=(-90, 90)), name="site_latitude_on_the_moon"),
            models.CheckConstraint(
                condition=models.Q(longitude_deg__range=(-180, 360)), name="site_longitude_on_the_moon"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The stable address, ``site/<slug>``."""
        return f"site/{self.slug}"


class EntryKind(models.TextChoices):
    """What a catalogued thing is, beside programmes, missions, elements and partners."""

    PAYLOAD = "payload", _("payload")
    CALL = "call", _("opportunity")
    EXPERIMENT = "experiment", _("experiment")
    BATCH = "batch", _("sample batch")
    ROUND = "round", _("loan round")
    LOAN = "loan", _("sample loan")
    GIFT = "gift", _("sample gift")
    MEMBERSHIP = "membership", _("membership")
    AGREEMENT = "agreement", _("agreement")
    PRACTICE = "practice", _("practice elsewhere")
    LESSON = "lesson", _("lesson")
    QUESTION = "question", _("open question")


class Standing(models.TextChoices):
    """Where a payload or an experiment has got to."""

    SELECTED = "selected", _("selected")
    CONDITIONAL = "conditional", _("conditional")
    FLOWN = "flown", _("flown")
    LOST = "lost", _("lost after selection")


class Audience(models.TextChoices):
    """Who may answer a call or ask for samples."""

    INTERNATIONAL = "international", _("international")
    DOMESTIC = "domestic", _("domestic")
    BOTH = "both", _("domestic and international")


class CatalogueEntry(models.Model):
    """A payload, call, experiment, sample batch, loan, membership, agreement ...: all that is known about it are claims."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=EntryKind)
    slug = models.SlugField(max_length=80)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="entries")
    name = models.CharField(max_length=300)
    name_zh = models.CharField(max_length=200, blank=True)
    mission = models.ForeignKey(Mission, models.CASCADE, null=True, related_name="entries")
    element = models.ForeignKey(Element, models.SET_NULL, null=True, related_name="payloads")
    """The host of a payload; null where unknown."""
    sampled = models.ManyToManyField(Mission, related_name="sample_offers")
    """The missions whose samples a batch or a round offers."""
    partner = models.ForeignKey(Partner, models.CASCADE, null=True, related_name="memberships")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    """The round of a loan, the call of an experiment."""
    type = models.CharField(max_length=40, blank=True)
    """What kind of payload; the instrument of an agreement."""
    standing = models.CharField(max_length=12, choices=Standing, blank=True)
    audience = models.CharField(max_length=13, choices=Audience, blank=True)
    about = models.CharField(max_length=120, blank=True)
    """The address of what an agreement is about."""
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=["kind", "slug"], name="one_entry_per_address"),)

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The stable address, ``<kind>/<slug>``."""
        return f"{self.kind}/{self.slug}"


class Confidence(models.TextChoices):
    """How far a claim can be trusted."""

    HIGH = "high", _("high")
    MEDIUM = "medium", _("medium")
    LOW = "low", _("low")


class Source(models.Model):
    """Who said it."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=300)
    url = models.URLField(max_length=500, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.title

    @property
    def address(self) -> str:
        """The stable address, ``source/<slug>``."""
        return f"source/{self.slug}"


class Conflict(models.Model):
    """Claims that contradict each other, and what is known about it."""

    slug = models.SlugField(max_length=80, unique=True)
    subject = models.CharField(max_length=120)
    field = models.CharField(max_length=80)
    topic = models.CharField(max_length=200)
    known = models.TextField()
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.topic


class Claim(models.Model):
    """One thing said about one field of one subject (an address); ``value`` null means looked for and not found."""

    subject = models.CharField(max_length=120)
    field = models.CharField(max_length=80)
    position = models.PositiveIntegerField()
    value = models.JSONField(null=True)
    text = models.TextField(blank=True)
    """The value as one line, in the words of the catalogue's file."""
    amount = models.BigIntegerField(null=True)
    """Whole base units of ``amount_kind`` where the value is an exact amount."""
    amount_kind = models.CharField(max_length=20, blank=True)
    earliest = models.DateField(null=True)
    latest = models.DateField(null=True)
    """The bounds of the value where it is a date."""
    said = models.CharField(max_length=40, blank=True)
    """When it was said, or the day for which it holds; a partial date."""
    confidence = models.CharField(max_length=6, choices=Confidence, blank=True)
    note = models.TextField(blank=True)
    conflict = models.ForeignKey(Conflict, models.CASCADE, null=True, related_name="sides")
    sources = models.ManyToManyField(Source, related_name="claims")
    file = models.CharField(max_length=120)
    line = models.PositiveIntegerField()

    class Meta:
        ordering = ("position",)
        indexes = (models.Index(fields=["subject", "field"], name="claim_by_subject"),)
        constraints = (
            models.UniqueConstraint(fields=["subject", "position"], name="one_claim_per_place"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=True) | ~models.Q(confidence=""), name="known_claims_say_how_far"
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.field}: {self.text or '?'}"

    @property
    def date(self) -> PartialDate | None:
        """The value as a date with its bounds, if it is one."""
        return parse_date(self.text) if self.earliest else None


class Milestone(models.Model):
    """Something that happened to a subject, or is planned."""

    subject = models.CharField(max_length=120, db_index=True)
    position = models.PositiveIntegerField()
    what = models.TextField()
    date_text = models.CharField(max_length=40)
    earliest = models.DateField()
    latest = models.DateField()
    confidence = models.CharField(max_length=6, choices=Confidence, blank=True)
    note = models.TextField(blank=True)
    sources = models.ManyToManyField(Source, related_name="milestones")

    class Meta:
        ordering = ("earliest", "latest", "position")

    def __str__(self) -> str:
        return f"{self.date_text}: {self.what}"

    @property
    def date(self) -> PartialDate:
        """The date with its bounds."""
        return parse_date(self.date_text)


class PartnerRole(models.TextChoices):
    """What a partner does in something."""

    COUNTRY = "country", _("country")
    HOST = "host", _("host")
    LEAD = "lead", _("lead")
    MEMBER = "member", _("member")
    COUNTERPART = "counterpart", _("counterpart")
    FUNDER = "funder", _("funder")
    PARTY = "party", _("party")
    BORROWER = "borrower", _("borrower")
    RECIPIENT = "recipient", _("recipient")
    OBSERVER = "observer", _("observer")


class Participation(models.Model):
    """A partner takes part in a subject in a role."""

    subject = models.CharField(max_length=120, db_index=True)
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="participations")
    role = models.CharField(max_length=12, choices=PartnerRole)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["subject", "partner", "role"], name="one_participation_per_role"),
        )

    def __str__(self) -> str:
        return f"{self.partner}: {self.role} in {self.subject}"


class SearchDocument(models.Model):
    """What the search knows of one address: its words in the normal form of :mod:`.search`.

    ``origin`` names who wrote it (``catalogue``, ``opportunities`` ...), so that each writer replaces only its own documents.
    """

    address = models.CharField(max_length=160, unique=True)
    origin = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    title_zh = models.CharField(max_length=200, blank=True)
    names = models.TextField()
    """Names and aliases in normal form."""
    words = models.TextField()
    """All words in normal form, the names included."""
    weight = models.PositiveSmallIntegerField(default=0)
    """Larger comes first among equally good finds."""

    class Meta:
        indexes = (GinIndex(OpClass("words", name="gin_trgm_ops"), name="search_words"),)

    def __str__(self) -> str:
        return self.title


class LoadedCatalogue(models.Model):
    """Which state of the catalogue's files is in the database: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_loaded_catalogue"),)

    def __str__(self) -> str:
        return self.digest[:12]
