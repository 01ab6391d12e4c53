"""One cooperation through the pages, from the draft of a call to its published decision and its outcomes.

It is walked twice: with a mouse in English, and with nothing but a keyboard in Chinese. Every page met on the way is held to the rules of
``browser.Visitor`` and kept as a picture.
"""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pgtrigger
import pytest

import builders
from browser import Visitor
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.selection.models import Outcome
from moonbridge.record.queries import database_now

pytestmark = [pytest.mark.pages, pytest.mark.slow]

HANDS = [
    pytest.param("en", False, id="mouse-english"),
    pytest.param("zh-hans", True, id="keyboard-chinese"),
]
CALL = "Two small places on a lander"
ENVELOPE = [("mass", "10 kg", "8 kg"), ("power-average", "30 W", "20 W")]
WORSE, BETTER = "Radon counter", "Frost camera"
SCORES = {WORSE: (6, 5), BETTER: (9, 8)}
REASON = "Its laboratory burnt down"


@pytest.mark.parametrize(("language", "keyboard"), HANDS)
def test_from_draft_to_decision(visitor, language: str, keyboard: bool) -> None:
    agency = builders.agency(name="Example Agency", slug="example-agency")
    mission = builders.mission(agency)

    def somebody(user=None) -> Visitor:
        return visitor(user, language=language, keyboard=keyboard)

    office = somebody(builders.office_of(agency))
    teams = {
        title: somebody(builders.person(institution=f"Institute of the {title}", country="TH"))
        for title in (WORSE, BETTER)
    }
    draft(office, mission)
    publish(office)
    for title, team in teams.items():
        propose(team, title)
    close(office)
    score(office)
    choose(office)
    for title, team in teams.items():
        read_outcome(team, title)
    read_decision(somebody())


def call() -> Opportunity:
    return Opportunity.objects.get(title=CALL)


def draft(office: Visitor, mission) -> None:
    """Begin a draft and say in the editor what a call must say."""
    office.open("/opportunities/new/")
    office.choose("[name=mission]", str(mission.pk))
    office.fill("[name=title]", CALL)
    office.press("main form button")
    office.fill("[name=summary]", "Ten kilograms for small instruments.")
    office.fill("[name=eligibility]", "Institutions of every country.")
    for number, (resource, total, per_item) in enumerate(ENVELOPE):
        if number:
            office.add_row("button[name=add][value=envelope]", f"[name=envelope-{number}-resource]")
        office.choose(f"[name=envelope-{number}-resource]", resource)
        office.choose(f"[name=envelope-{number}-element]", str(mission.elements.get().pk))
        office.fill(f"[name=envelope-{number}-total]", total)
        office.fill(f"[name=envelope-{number}-per_item]", per_item)
    office.fill("[name=criteria-0-name]", "Science")
    for name, number in (("weight", "3"), ("lowest", "0"), ("highest", "10")):
        office.fill(f"[name=criteria-0-{name}]", number)
    closes = database_now() + timedelta(days=30)
    office.fill_clock("[name=deadline]", closes)
    office.fill_clock("[name=promised_decision]", closes + timedelta(days=60))
    office.press("button[name=save] >> nth=-1")


def publish(office: Visitor) -> None:
    """Publish, and see it as everybody does."""
    office.open(f"/opportunities/{call().slug}/publish/")
    office.press("main form button")
    assert call().state == "open"
    office.open("/opportunities/")


def propose(team: Visitor, title: str) -> None:
    """Write a proposal, be told at once that it is too heavy, make it lighter, and submit it."""
    team.open(f"/opportunities/{call().slug}/propose/")
    team.fill("[name=title]", title)
    team.tick("[name=example]", False)
    team.press("main form button")
    team.fill("[name=abstract]", f"A {title.lower()} for the pole.")
    team.fill("[name=objectives]", "It finds out what is there.")
    mass, power = call().envelope.all()
    team.fill(f"[name=options-0-demand-{mass.pk}]", "9500 g")
    team.fill(f"[name=options-0-demand-{power.pk}]", "6 W")
    team.page.locator("[data-fit] .fits.not").wait_for()
    team.look()
    team.fill(f"[name=options-0-demand-{mass.pk}]", "6 kg")
    team.page.locator("[data-fit] .fits:not(.not)").wait_for()
    team.fill("[name=export_control]", "Nothing under control.")
    team.press("#proposal-form > p.actions button >> nth=0")
    team.press("a[href$='/submit/'].button >> nth=-1")
    team.press("main form button")
    proposal = Proposal.objects.get(title=title)
    assert (proposal.state, proposal.submissions.count()) == ("submitted", 1)
    team.open(f"/proposals/{proposal.pk}/")


def close(office: Visitor) -> None:
    """Once the deadline is over the office closes the call and opens what came in."""
    office.open(f"/opportunities/{call().slug}/proposals/")
    _let_the_deadline_pass()
    office.open(f"/opportunities/{call().slug}/manage/")
    office.press("form[action$='/close/'] button")
    assert call().state == "closed"
    office.open(f"/opportunities/{call().slug}/proposals/")
    for title in SCORES:
        assert office.page.get_by_text(title).count() > 0


def _let_the_deadline_pass() -> None:
    """Nobody waits thirty days: the deadline moves into the past, which the database refuses to everybody else."""
    with pgtrigger.ignore(
        "opportunities.Opportunity:deadline_only_moves_later", "opportunities.Opportunity:changes_by_amendment"
    ):
        Opportunity.objects.filter(pk=call().pk).update(deadline=database_now() - timedelta(hours=1))


def score(office: Visitor) -> None:
    """Fill in the template that the page offers, and bring it in."""
    office.open(f"/opportunities/{call().slug}/scores/")
    link = office.page.locator("a[href$='.xlsx'], a[href*='xlsx']").first.get_attribute("href")
    book = openpyxl.load_workbook(BytesIO(office.page.request.get(f"{office.base}{link}").body()))
    sheet = book.active
    header = [cell.value for cell in sheet[1]]
    code, title, reviewer, mark = (header.index(name) + 1 for name in ("proposal", "title", "reviewer", "Science"))
    offered = [(row[code - 1].value, row[title - 1].value) for row in sheet.iter_rows(min_row=2)]
    sheet.delete_rows(2, len(offered))
    for name, number in ((name, number) for name in offered for number in (0, 1)):
        row = sheet.max_row + 1
        for column, value in ((code, name[0]), (reviewer, f"R{number + 1}"), (mark, SCORES[name[1]][number])):
            sheet.cell(row, column, value)
    filled = BytesIO()
    book.save(filled)
    office.bring("[name=file]", "scores.xlsx", filled.getvalue())
    office.press("form[enctype] button")
    office.press("form[action$='/confirm/'] button")
    assert call().score_tables.get().rows == 4


def choose(office: Visitor) -> None:
    """Ask for the best portfolio, force its winner out with a reason, ask again, and publish what comes of it."""
    best, other = (Proposal.objects.get(title=title) for title in (BETTER, WORSE))
    office.open(f"/opportunities/{call().slug}/selection/")
    assert _recommended(office) == {best.code}
    office.unfold(f"#{best.code} details")
    office.fill(f"#reason-{best.code}", REASON)
    office.press(f"#{best.code} details button")
    assert _recommended(office) == {other.code}
    office.press("main a[href$='/selection/draft/']")
    office.press("main form button")
    office.tick("[name=sure]")
    office.press("main form button")
    assert call().state == "decided"
    office.open("/record/")


def _recommended(office: Visitor) -> set[str]:
    office.press("form[action$='/recommend/'] button")
    return set(call().recommendations.last().result["choices"])


def read_outcome(team: Visitor, title: str) -> None:
    """Read the letter: the loser finds the office's reason and its own scores, the winner its place."""
    outcome = Outcome.objects.get(proposal__title=title)
    assert outcome.kind == {BETTER: "declined", WORSE: "selected"}[title]
    team.open("/desk/")
    team.open(f"/proposals/{outcome.proposal_id}/outcome/")
    said = team.page.locator("main").inner_text()
    assert (REASON in said) == (title == BETTER)
    assert [str(mark) in said for mark in SCORES[title]] == [True, True]


def read_decision(stranger: Visitor) -> None:
    """See what everybody sees: who was chosen, and that somebody was forced out and why, without the name."""
    stranger.open(f"/opportunities/{call().slug}/decision/")
    said = stranger.page.locator("main").inner_text()
    assert [words in said for words in (WORSE, REASON, BETTER)] == [True, True, False]
    stranger.open(f"/opportunities/{call().slug}/")
