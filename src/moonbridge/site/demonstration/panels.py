"""Lead a synthetic review through the stage's own actions: people, conflicts, an assignment, reviews in every state, a meeting."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals.models import Proposal, Tie
from moonbridge.cooperation.review.actions import (
    allocations,
    chairing,
    conflicts,
    declarations,
    drafts,
    meetings,
    panels,
    referees,
    reviews,
    rounds,
    seats,
    teams,
)
from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.models import Bid, Duty, Ground, Item, Panel, PanelKind, Review, Seat
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import AllocationState
from moonbridge.cooperation.review.writing import Draft, Judged
from moonbridge.errors import Refused
from moonbridge.site.demonstration import content, people
from moonbridge.site.demonstration.calls import command
from moonbridge.site.demonstration.teams import lead_of

PERMILLE = 1000
EXPERT = 3
SAID = 2
"""How many of the three comments on a proposal one reviewer says."""

type Told = dict[str, Any]


class Story:
    """Tells the review of one call as its file says; every step is the action that its page takes."""

    def __init__(self, opportunity: Opportunity, proposals: dict[str, Proposal], *, by: User) -> None:
        self.told: Told = content.read("review/round")
        self.marks = content.marks()
        self.opportunity, self.proposals, self.office = opportunity, proposals, by
        self.keys = {proposal.pk: key for key, proposal in proposals.items()}
        self.panels: dict[str, Panel] = {}
        self.seats: dict[str, Seat] = {}

    def tell(self) -> None:
        """Lead the review from its beginning into the first meeting."""
        self.round = rounds.begin(self.opportunity, by=self.office, command=_key("begin"))
        self._shape()
        self._seat()
        self._name()
        self._advance("ask")
        self._find_conflicts()
        for seat in self.seats.values():
            self._declare(seat)
        for name in self.panels:
            self._assign(name)
        self._advance("start")
        self._invite()
        for review in Review.objects.filter(item__panel__round=self.round).select_related("item__panel", "seat__user"):
            self._write(review)
        self._advance("discuss")
        self._meet()

    def _advance(self, verb: str) -> None:
        rounds.advance(self.round, verb, by=self.office, command=_key(verb), confirmed=True)

    def _shape(self) -> None:
        """Shape the panel that began with the review, add the other one, and say what marks mean."""
        first = Panel.objects.get(round=self.round)
        for name, row in self.told["panels"].items():
            shape = self._shape_of(row)
            self.panels[name] = (
                panels.add_panel(self.round, shape, by=self.office, command=_key("panel", name))
                if self.panels
                else panels.change_panel(first, shape, by=self.office, command=_key("panel", name))
            )
        for panel in self.panels.values():
            panels.describe(panel, list(self._meanings(panel)), by=self.office, command=_key("describe", panel.name))

    def _shape_of(self, row: Told) -> panels.Shape:
        criteria = self.opportunity.criteria.values_list("pk", flat=True) if row["judges_by_criteria"] else ()
        return panels.Shape(
            row["name"], PanelKind(row["kind"]), tuple(criteria), demand=row["demand"], most=row["most"],
            quotas=tuple(row.get("quotas", ())),
        )  # fmt: skip

    def _meanings(self, panel: Panel) -> Iterator[panels.Meaning]:
        for criterion in panel.criteria.all():
            for row in self.told["marks_mean"]:
                yield panels.Meaning(criterion.pk, row["mark"] * PERMILLE, row["text"], row["text_zh"])

    def _seat(self) -> None:
        for row in self.told["seats"]:
            about = seats.About(keywords=tuple(row.get("keywords", ())), kinds=tuple(row.get("kinds", ())))
            self.seats[row["who"]] = seats.seat(
                self.panels[row["panel"]], people.named(row["who"]), Duty(row["duty"]), about=about, by=self.office,
                command=_key("seat", row["who"]),
            )  # fmt: skip

    def _name(self) -> None:
        """Let teams name who should not judge them."""
        for row in self.told["named"]:
            proposal, who = self.proposals[row["proposal"]], people.named(row["who"])
            teams.name_conflict(
                proposal, name=who.name, email=who.email, tie=Tie(row["tie"]), words=row["words"], by=lead_of(proposal),
                command=_key("name", row["proposal"]),
            )  # fmt: skip

    def _find_conflicts(self) -> None:
        """Let the rules find conflicts, also by what the teams said, and set as the office what it alone knows."""
        conflicts.detect(self.round, by=self.office, command=_key("detect"))
        for row in self.told["pinned"]:
            conflicts.pin(
                self._item(row), self.seats[row["who"]], ground=Ground(row["ground"]), evidence=row["words"], by=self.office,
                command=_key("pin", row["proposal"]),
            )  # fmt: skip

    def _item(self, row: Told) -> Item:
        """Return the item of the proposal before the panel in which the person of ``row`` sits."""
        panel = self.seats[row["who"]].panel_id
        return Item.objects.select_related("panel").get(panel=panel, proposal=self.proposals[row["proposal"]])

    def _declare(self, seat: Seat) -> None:
        """Let somebody declare on all that they are asked about, with their bids."""
        asked = Item.objects.filter(Sight(seat.user).to_declare(), panel=seat.panel_id)
        answers = [self._answer(item, seat) for item in asked]
        declarations.declare(seat.panel, answers, by=seat.user, command=_key("declare", _who(seat)))

    def _answer(self, item: Item, seat: Seat) -> declarations.Answer:
        key, who = self.keys[item.proposal_id], _who(seat)
        for row in self.told["declared"]:
            if (row["proposal"], row["who"]) == (key, who):
                return declarations.Answer(item.pk, ground=Ground(row["ground"]), words=row["words"])
        row = self.marks.get((key, who))
        return declarations.Answer(item.pk, bid=Bid[row["bid"].upper()] if row else Bid.NEUTRAL)

    def _assign(self, name: str) -> None:
        """Have the solver assign the reviews of a panel, and adopt what it proposes."""
        panel = self.panels[name]
        here = [row for row in self.told["must"] if self.seats[row["who"]].panel_id == panel.pk]
        must = tuple((self._item(row).pk, self.seats[row["who"]].pk) for row in here)
        found = allocations.ask(panel, Asked(Aim.FLOOR, must=must), by=self.office, command=_key("assign", name))
        if found.state != AllocationState.PROPOSED:
            raise Refused("The demonstration's reviews could not be assigned; load it once more.", state=found.state)
        allocations.adopt(found, by=self.office, command=_key("adopt", name))

    def _invite(self) -> None:
        """Invite two referees from outside; one accepts and declares, the other has not answered yet."""
        for row in (self.told["referee"], self.told["unanswered"]):
            proposal = self.proposals[row["asked_for"]]
            asked = referees.Asked(f"{row['who']}@{people.DOMAIN}", proposals=(proposal.pk,), note=row["note"])
            made = referees.invite(self.panels["science"], asked, by=self.office, command=_key("invite", row["who"]))
            if row is self.told["referee"]:
                secret = referees.secret_of(made.pk)
                seat = referees.accept(secret, by=people.named(row["who"]), command=_key("accept", row["who"]))
                self._declare(seat)

    def _write(self, review: Review) -> None:
        """Let the author write as far as the file says: not at all, a draft, or a submission."""
        key, who = self.keys[review.item.proposal_id], _who(review.seat)
        if self._is_among("due", key, who):
            return
        saved = drafts.save(
            review, self._draft(review, key, who), version=review.version, by=review.seat.user,
            command=_key("save", key, who),
        )  # fmt: skip
        if not self._is_among("begun", key, who):
            reviews.submit(review, version=saved.version, by=review.seat.user, command=_key("submit", key, who))

    def _is_among(self, part: str, key: str, who: str) -> bool:
        return any((row["proposal"], row["who"]) == (key, who) for row in self.told[part])

    def _draft(self, review: Review, key: str, who: str) -> Draft:
        if review.item.panel.kind == PanelKind.TECHNICAL:
            return Draft(expertise=EXPERT, **self.told["verdicts"][key])
        row = self.marks[key, who]
        criteria = review.item.panel.criteria.all()
        return Draft(
            judged={one.pk: Judged(int(float(row[one.name]) * PERMILLE)) for one in criteria},
            to_team=self._comment(key, who), confidential=self._confidential(key, who), expertise=int(row["expertise"]),
        )  # fmt: skip

    def _comment(self, key: str, who: str) -> str:
        """Return two of the comments on a proposal, others for other people."""
        said, first = self.told["comments"][key], len(who)
        return " ".join(said[(first + number) % len(said)] for number in range(SAID))

    def _confidential(self, key: str, who: str) -> str:
        rows = self.told["confidential"]
        return next((row["words"] for row in rows if (row["proposal"], row["who"]) == (key, who)), "")

    def _meet(self) -> None:
        """Order the discussion, leave one item out, and let the panel discuss another one to its end."""
        chair, told = people.named("chair"), self.told["discussed"]
        chairing.arrange(self.panels["science"], chairing.Order.MEAN, by=chair, command=_key("arrange"))
        out = self._item(self.told["left_out"] | {"who": "chair"})
        chairing.leave_out(out, self.told["left_out"]["because"], by=chair, command=_key("leave out"))
        item = self._item(told | {"who": "chair"})
        meetings.open_item(item, instead_of=None, by=chair, command=_key("open"))
        for number, row in enumerate(told["remarks"]):
            meetings.remark(item, row["text"], by=people.named(row["who"]), command=_key("remark", str(number)))
        said = meetings.Said(told["consensus"], told["to_team"], told["confidential"])
        meetings.record(item, said, version=item.version, by=chair, command=_key("record"))
        meetings.close(item, by=chair, command=_key("close item"))


def _key(*what: str) -> UUID:
    return command("review", *what)


def _who(seat: Seat) -> str:
    return seat.user.email.partition("@")[0]
