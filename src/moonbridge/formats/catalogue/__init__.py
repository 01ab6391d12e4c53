"""The catalogue of cooperative missions: YAML that people write, read into frozen dataclasses.

>>> from moonbridge.formats.catalogue import Payload, load
>>> catalogue = load()
>>> catalogue.get(Payload, "dorn").claim("mass").amount.text
'4.5 kg'
"""

from moonbridge.formats.catalogue.dates import Days, PartialDate, Precision
from moonbridge.formats.catalogue.deadlines import Dates, Promise, Stage
from moonbridge.formats.catalogue.load import load, shipped
from moonbridge.formats.catalogue.model import (
    Agreement,
    Audience,
    Call,
    Catalogue,
    Element,
    ElementType,
    Entry,
    EnvelopeLine,
    Experiment,
    Gift,
    Lesson,
    Loan,
    LoanRound,
    Membership,
    Mission,
    NamedSite,
    OpenQuestion,
    Payload,
    Practice,
    Programme,
    SampleBatch,
    Standing,
)
from moonbridge.formats.catalogue.problems import CatalogueError
from moonbridge.formats.catalogue.told import (
    Claim,
    Confidence,
    Conflict,
    Milestone,
    Participation,
    Partner,
    PartnerKind,
    Role,
    Source,
    Written,
    most_trusted,
)
from moonbridge.formats.catalogue.values import Amount, Box, Measure, Orbit, Site, Value, plain, text_of

__all__ = [
    "Agreement",
    "Amount",
    "Audience",
    "Box",
    "Call",
    "Catalogue",
    "CatalogueError",
    "Claim",
    "Confidence",
    "Conflict",
    "Dates",
    "Days",
    "Element",
    "ElementType",
    "Entry",
    "EnvelopeLine",
    "Experiment",
    "Gift",
    "Lesson",
    "Loan",
    "LoanRound",
    "Measure",
    "Membership",
    "Milestone",
    "Mission",
    "NamedSite",
    "OpenQuestion",
    "Orbit",
    "PartialDate",
    "Participation",
    "Partner",
    "PartnerKind",
    "Payload",
    "Practice",
    "Precision",
    "Programme",
    "Promise",
    "Role",
    "SampleBatch",
    "Site",
    "Source",
    "Stage",
    "Standing",
    "Value",
    "Written",
    "load",
    "most_trusted",
    "plain",
    "shipped",
    "text_of",
]
