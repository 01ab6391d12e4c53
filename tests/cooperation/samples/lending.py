"""A small collection of an agency that lends by CNSA's terms, its people, and the steps of a loan, for the tests of lending."""

from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

import builders
from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import (
    granting,
    judging,
    keeping,
    preparing,
    publishing,
    requesting,
    returning,
)
from moonbridge.cooperation.samples.models import (
    Collection,
    Lender,
    Loan,
    LoanLine,
    Picture,
    Publication,
    Request,
    Split,
)
from moonbridge.cooperation.samples.weights import Weight
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.ledger import queries as books
from moonbridge.ledger.models import Book, Entry

MG = 10**6
PHOTOGRAPHER = "An owner whom nobody need know"
SIGMA = 10_000
"""Ten micrograms: the balance of these tests."""


@dataclass
class House:
    """An agency that lends, two curators, its office, an auditor, a committee, and two borrowers of different institutions."""

    agency: Partner = field(default_factory=builders.agency)

    def __post_init__(self) -> None:
        Lender.objects.create(agency=self.agency, policy_slug="cnsa")
        self.curator, self.second = self._role(RoleKind.CURATOR), self._role(RoleKind.CURATOR)
        self.office, self.auditor = self._role(RoleKind.OFFICE), self._role(RoleKind.AUDITOR)
        self.reviewer = self._role(RoleKind.REVIEWER)
        self.borrower = builders.person(institution="Institute of Basalt", country="FR")
        self.other = builders.person(institution="University of Dust", country="GB")
        self.stranger = builders.person()
        self.collection = keeping.open_collection(
            f"collection-{self.agency.slug}", name="Soil of a test", agency=self.agency, by=self.curator
        )
        self.powder = self.piece("T0001", 1000 * MG, material="powder")
        self.clast = self.piece("T0002", 300 * MG, material="clast")

    def _role(self, kind: RoleKind) -> User:
        return builders.role(kind, Scope.AGENCY, self.agency)

    def piece(self, name: str, mass: int, **fields: object) -> Split:
        weighed = keeping.Weighed(mass, SIGMA)
        return keeping.take_in(self.collection, name, weighed=weighed, by=self.curator, command=uuid4(), **fields)

    @property
    def book(self) -> Book:
        return Collection.objects.get(pk=self.collection.pk).book


TEXTS = {
    "title": "Ages of basalt", "purpose": "research", "institution": "Institute of Basalt", "country": "FR",
    "hypothesis": "It is young.", "technique": "Lead isotopes.", "destructive": True, "justification": "It must be dissolved.",
    "team": "A. Person", "facilities": "A clean room.", "funding": "The institute.", "restrictions": "None.", "unread": {},
}  # fmt: skip


def draft(*lines: asking.Line, **texts: object) -> asking.Draft:
    return asking.Draft(TEXTS | texts, lines)


def begun(house: House, *, by: User) -> Request:
    """A request that is still written, with powder on its list."""
    return requesting.begin(house.agency, split=house.powder, by=by, command=uuid4())


def asked(house: House, *lines: asking.Line, by: User | None = None, **texts: object) -> Request:
    """A request with these lines, submitted."""
    by = by or house.borrower
    made = requesting.begin(house.agency, by=by, command=uuid4())
    for line in lines:
        made = requesting.add(made, Split.objects.get(pk=line.split), by=by, command=uuid4())
    texts = {"institution": by.institution, "country": by.country} | texts
    made = requesting.save(made, draft(*lines, **texts), version=made.version, by=by, command=uuid4())
    return requesting.submit(made, version=made.version, by=by, command=uuid4())


def powder(house: House, milligrams: int = 20, **more: object) -> asking.Line:
    return asking.Line(house.powder.pk, milligrams * MG, **{"disposition": "remainder"} | more)


def granted(house: House, *lines: asking.Line, by: User | None = None) -> Loan:
    request = asked(house, *(lines or (powder(house),)), by=by)
    judging.assess(request, mark=8, conflict="", comment="", by=house.reviewer, command=uuid4())
    return granting.grant(request, by=house.office, command=uuid4())


def certified(house: House, *lines: asking.Line, by: User | None = None) -> Loan:
    loan = granted(house, *lines, by=by)
    granting.send_agreement(loan, by=house.office, command=uuid4())
    granting.sign(loan, by=loan.borrower, command=uuid4())
    return granting.certify(loan, number="C-1", by=house.office, command=uuid4())


def weights(loan: Loan, *differences: int) -> dict[object, Weight]:
    """What each line should weigh, give or take."""
    differences = differences or (0,) * loan.lines.count()
    rows = zip(loan.lines.order_by("number"), differences, strict=True)
    return {line.pk: Weight((line.issued_ng or line.granted_ng) + off, SIGMA) for line, off in rows}


def prepared(house: House, *lines: asking.Line, by: User | None = None) -> Loan:
    loan = certified(house, *lines, by=by)
    preparing.weigh_out(loan, weights(loan), balance="XP26", by=house.curator, command=uuid4())
    return preparing.prepare(loan, by=house.second, command=uuid4())


def on_loan(house: House, *lines: asking.Line, by: User | None = None) -> Loan:
    loan = prepared(house, *lines, by=by)
    preparing.dispatch(loan, carrier="By hand", by=house.curator, command=uuid4())
    return preparing.receive(loan, weights(loan), by=loan.borrower, command=uuid4())


def sent_back(house: House, *lines: asking.Line) -> Loan:
    loan = on_loan(house, *lines)
    return returning.send_back(loan, list(loan.lines.all()), by=loan.borrower, command=uuid4())


def weighed_back(house: House, *lines: asking.Line, off: int = 0) -> Loan:
    loan = sent_back(house, *lines)
    found = {line.pk: Weight(line.sent_back_ng + off, SIGMA) for line in loan.lines.all()}
    return returning.weigh_back(house.agency, found, balance="XP26", by=house.curator, command=uuid4())[0]


def ended(loan: Loan, days: int) -> Loan:
    """Make a loan's end lie so many days in the past."""
    Loan.objects.filter(pk=loan.pk).update(
        received_on=loan.received_on - timedelta(days=400), ends_on=loan.received_on - timedelta(days=days),
        last_inventory_on=loan.received_on,
    )  # fmt: skip
    loan.refresh_from_db()
    return loan


def first(loan: Loan) -> LoanLine:
    return loan.lines.select_related("loan", "lent", "split__collection__book").order_by("number")[0]


def held(house: House, kind: AccountKind) -> int:
    """The nanograms in all accounts of a kind."""
    return books.totals(house.book).get(kind, 0)


def require_sound(house: House) -> None:
    """The books add up to zero, and what was taken in is somewhere."""
    assert sum(books.totals(house.book).values()) == 0
    assert sum(Entry.objects.filter(account__book=house.book).values_list("amount", flat=True)) == 0


def photo(width: int = 40, height: int = 30) -> SimpleUploadedFile:
    """A small photograph as a browser sends it, with a place and an owner in it."""
    exif, target = Image.Exif(), BytesIO()
    exif[0x013B] = PHOTOGRAPHER
    Image.new("RGB", (width, height), "grey").save(target, "JPEG", exif=exif)
    return SimpleUploadedFile("IMG_0001.jpg", target.getvalue(), "image/jpeg")


def pictured(house: House, caption: str = "Under crossed polarisers") -> Picture:
    """A picture of the powder."""
    told = {"caption": caption, "credit": "The collection", "by": house.curator, "command": uuid4()}
    return publishing.add_picture(house.powder, photo(), **told)


def published(
    house: House, reference: str = "10.1126/science.abl7957", title: str = "Age and composition"
) -> Publication:
    """A publication on the powder."""
    cited = publishing.Cited(reference, title, 2021)
    return publishing.add_publication(house.powder, cited, by=house.curator, command=uuid4())
