"""A synthetic collection and its loans, in the states that a visitor wants to see: asked for, to be signed, running, late, back, over."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from moonbridge.accounts.demo import ROLES
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
    using,
)
from moonbridge.cooperation.samples.models import (
    Collection,
    Disposition,
    DutyKind,
    Lender,
    Loan,
    LoanLine,
    ReportKind,
    Request,
    Split,
)
from moonbridge.cooperation.samples.weights import Weight
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.site.demonstration import content, drawing, people
from moonbridge.site.demonstration.calls import command

POLICY = "cnsa"
SIGMA = 10_000
"""The balance of the demonstration: ten micrograms."""
LATE_BY = timedelta(days=40)
NOT_A_FILM = "0" * 64
"""In the place of the hash of a film that was never made."""
ORDER = ("request", "granted", "agreement", "active", "late", "sent-back", "closed")


@transaction.atomic
def load(agency: Partner, report: Callable[[str], None]) -> None:
    """Make the collection with its requests and loans, unless it is there."""
    told = content.read("lending/collection")
    if Collection.objects.filter(slug=told["collection"]["slug"]).exists():
        return
    report(told["collection"]["name"])
    people.grant(people.REVIEWER, RoleKind.REVIEWER, Scope.AGENCY, agency)
    Lender.objects.get_or_create(agency=agency, defaults={"policy_slug": POLICY})
    story = Story(agency)
    story.take_in(told["collection"], told["pieces"])
    for row in told["loans"]:
        story.tell(row)


class Story:
    """Leads each loan as far as the file says, through the stage's own actions."""

    def __init__(self, agency: Partner) -> None:
        self.agency = agency
        self.curator = User.objects.get(email=ROLES["curator"])
        self.office = User.objects.get(email=people.OFFICE)
        self.reviewer = User.objects.get(email=people.REVIEWER)
        self.pieces: dict[str, Split] = {}

    def take_in(self, collection: dict[str, Any], pieces: list[dict[str, Any]]) -> None:
        """Open the collection and take its pieces in."""
        made = keeping.open_collection(**collection, agency=self.agency, synthetic=True, by=self.curator)
        for row in pieces:
            facts = {"kept_for": row["kept_for"]} if "kept_for" in row else {}
            self.pieces[row["name"]] = keeping.take_in(
                made, row["name"], weighed=keeping.Weighed(SAMPLE_MASS.parse(row["mass"]), SIGMA), material=row["material"],
                description=row["description"], facts=facts, by=self.curator, command=command("lending", "piece", row["name"]),
            )  # fmt: skip
            if "drawn" in row:
                self._draw(row)

    def _draw(self, row: dict[str, Any]) -> None:
        """Attach a drawing that says that it is one: of what never was there is no photograph."""
        grams = SAMPLE_MASS.parse(row["mass"]) / 10**9
        upload = SimpleUploadedFile("drawing.png", drawing.draw(row["name"], grams), "image/png")
        publishing.add_picture(
            self.pieces[row["name"]], upload, caption=row["drawn"], credit="Moonbridge, drawn by a program", by=self.curator,
            command=command("lending", "picture", row["name"]),
        )  # fmt: skip

    def tell(self, row: dict[str, Any]) -> None:
        """Make one request, and its loan as far as the file says."""
        key = partial(command, "lending", row["key"])
        until = ORDER.index(row["until"])
        request = self._asked(row, key("begin"), key("save"), key("submit"))
        if "mark" in row:
            judging.assess(
                request, mark=row["mark"], conflict="", comment="Synthetic.", by=self.reviewer, command=key("assess")
            )
        if until >= ORDER.index("granted"):
            loan = granting.grant(request, by=self.office, command=key("grant"))
        if until >= ORDER.index("agreement"):
            loan = granting.send_agreement(loan, by=self.office, command=key("agreement"))
        if until >= ORDER.index("active"):
            loan = self._on_loan(loan, row, key)
        if row["until"] == "late":
            _make_late(loan)
        if until >= ORDER.index("sent-back"):
            self._back(loan, row, key)

    def _asked(self, row: dict[str, Any], begin: UUID, save: UUID, submit: UUID) -> Request:
        by = _person(row["borrower"])
        lines = tuple(self._line(line) for line in row["lines"])
        made = requesting.begin(self.agency, split=self.pieces[row["lines"][0]["piece"]], by=by, command=begin)
        for line in row["lines"][1:]:
            made = requesting.add(
                made, self.pieces[line["piece"]], by=by, command=command("lending", row["key"], "add", line["piece"])
            )
        destroys = any(line.disposition != Disposition.INTACT for line in lines)
        made = requesting.save(
            made, _draft(row, lines, destructive=destroys), version=made.version, by=by, command=save
        )
        return requesting.submit(made, version=made.version, by=by, command=submit)

    def _line(self, line: dict[str, Any]) -> asking.Line:
        amounts = {name: SAMPLE_MASS.parse(line[name]) if name in line else None for name in ("mass", "least")}
        return asking.Line(self.pieces[line["piece"]].pk, amounts["mass"], amounts["least"], line["then"])

    def _on_loan(self, loan: Loan, row: dict[str, Any], key: Any) -> Loan:
        granting.sign(loan, by=loan.borrower, command=key("sign"))
        granting.certify(loan, number=f"synthetic {row['key']}", by=self.office, command=key("certify"))
        preparing.weigh_out(loan, _weights(loan), balance="synthetic", by=self.curator, command=key("weigh-out"))
        preparing.prepare(loan, by=self.office, command=key("prepare"))
        preparing.dispatch(loan, carrier="synthetic courier", by=self.curator, command=key("dispatch"))
        loan = preparing.receive(loan, _weights(loan), by=loan.borrower, command=key("receive"))
        if "consumed" in row:
            using.report(
                _first(loan), ReportKind.CONSUMED, SAMPLE_MASS.parse(row["consumed"]), what="Synthetic: dissolved.",
                video_sha256=NOT_A_FILM, by=loan.borrower, command=key("consume"),
            )  # fmt: skip
        return loan

    def _back(self, loan: Loan, row: dict[str, Any], key: Any) -> None:
        returning.send_back(loan, list(loan.lines.all()), by=loan.borrower, command=key("send-back"))
        if row["until"] != "closed":
            return
        back = {line.pk: Weight(line.sent_back_ng or 0, SIGMA) for line in loan.lines.all()}
        returning.weigh_back(self.agency, back, balance="synthetic", by=self.curator, command=key("weigh-back"))
        returning.reconcile(loan, by=self.curator, command=key("reconcile"))
        for duty in DutyKind:
            using.fulfil(loan, duty, row["published"], by=loan.borrower, command=key("fulfil", duty.value))
        returning.close(loan, by=self.office, command=key("close"))


def _person(told: dict[str, Any]) -> User:
    if told.get("team"):
        return User.objects.get(email=ROLES["team"])
    email = f"borrower-{told['key']}@{people.DOMAIN}"
    return people.person(
        email, name=f"Borrower, {told['key']}", institution=told["institution"], country=told["country"]
    )


def _draft(row: dict[str, Any], lines: tuple[asking.Line, ...], *, destructive: bool) -> asking.Draft:
    texts = {
        "title": row["title"], "purpose": "research", "institution": row["borrower"]["institution"],
        "country": row["borrower"]["country"], "destructive": destructive, "unread": {},
    }  # fmt: skip
    words = ("hypothesis", "technique", "justification", "team", "facilities", "funding", "restrictions")
    return asking.Draft(texts | dict.fromkeys(words, "Synthetic demonstration text."), lines)


def _weights(loan: Loan) -> dict[UUID, Weight]:
    return {line.pk: Weight(line.issued_ng or line.granted_ng, SIGMA) for line in loan.lines.all()}


def _first(loan: Loan) -> LoanLine:
    return loan.lines.select_related("loan", "split", "lent")[0]


def _make_late(loan: Loan) -> None:
    """Move the loan's dates into the past: no action can be carried out yesterday."""
    today = loan.received_on or loan.approved_at.date()
    Loan.objects.filter(pk=loan.pk).update(received_on=today - timedelta(days=405), ends_on=today - LATE_BY)
