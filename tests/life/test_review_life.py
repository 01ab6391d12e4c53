"""One call through review in the browser, as four people: office, chair, a reviewer, and one who finds out that they have a conflict.

The office begins, seats, assigns and leads on; reviews are written and discussed; the scores are handed over, the selection recommends by
them, and when the decision is out a team reads what was said of its proposal. On the way each sees what is theirs, and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest

import builders
from browser import Visitor
from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review import tasks
from moonbridge.cooperation.review.actions import declarations, drafts, reviews
from moonbridge.cooperation.review.merits import FULL
from moonbridge.cooperation.review.models import (
    Allocation,
    Bid,
    Conflict,
    Declaration,
    Item,
    Panel,
    Review,
    Round,
    Seat,
)
from moonbridge.cooperation.review.writing import Draft, Judged

pytestmark = [pytest.mark.pages, pytest.mark.slow]

BETTER, WORSE = "Frost camera", "Radon counter"
MARKS = {
    ("Rita Reviewer", BETTER): 9,
    ("Rose Reserve", BETTER): 8,
    ("Rita Reviewer", WORSE): 6,
    ("Carl Chair", WORSE): 4,
}
MEANS = {BETTER: 85, WORSE: 50}
"""Of the marks from 0 to 10, in points of 100."""
ADVICE, SECRET = "Cool the detector further.", "I would not bet on their schedule."
CONSENSUS, PANEL_SAYS, ASIDE = "Worth flying.", "The panel was convinced.", "Ask for the test report."
TIE = "We share a laboratory."


@dataclass
class Cast:
    """The people of the story with their windows; those without one act behind the scenes."""

    office: Visitor
    chair: Visitor
    reviewer: Visitor
    tied: Visitor
    team: Visitor
    users: dict[str, User]


def test_from_the_closed_call_to_the_debrief(visitor) -> None:
    cast = gathered(visitor)
    begin(cast)
    declare(cast)
    assign(cast)
    write(cast.reviewer)
    step_back(cast.tied)
    replace(cast.office)
    write_behind_the_scenes(cast)
    discuss(cast)
    hand_over(cast.office)
    decide(cast.office)
    debrief(cast)
    for window in (cast.office, cast.chair, cast.reviewer, cast.tied):
        window.open("/desk/")


def gathered(visitor: Callable[..., Visitor]) -> Cast:
    """Make a closed call with two proposals of which one can fly, and the people whom its agency knows."""
    agency = builders.agency(name="Example Agency", slug="example-agency")
    made = builders.open_opportunity(agency, state=State.CLOSED, slug="a-call", title="One place on a lander")
    leads = {title: builders.person(f"Lead of the {title}") for title in (BETTER, WORSE)}
    for title, lead in leads.items():
        builders.submitted_proposal(made, lead, title=title, power="30 W", abstract=f"A {title.lower()} for the pole.")
    names = ("Carl Chair", "Rita Reviewer", "Tim Tied", "Rose Reserve")
    users = {name: builders.role(RoleKind.REVIEWER, Scope.AGENCY, agency, builders.person(name)) for name in names}
    windows = [visitor(user) for user in (builders.office_of(agency), *list(users.values())[:3], leads[BETTER])]
    return Cast(*windows, users=users)


def call() -> Opportunity:
    return Opportunity.objects.get(slug="a-call")


def code(title: str) -> str:
    return Proposal.objects.get(title=title).code


def item(title: str) -> Item:
    return Item.objects.select_related("panel").get(proposal__title=title)


def review_of(title: str, who: str) -> Review:
    return Review.objects.get(item__proposal__title=title, seat__user__name=who)


def go(who: Visitor, path: str) -> str:
    """Go to a page without holding it to the rules, which is done where it has the most on it; return what it says."""
    who.page.goto(f"{who.base}{path}")
    return said(who)


def click(who: Visitor, selector: str) -> None:
    with who.page.expect_navigation():
        who.page.locator(selector).click()


def said(who: Visitor) -> str:
    return who.page.locator("main").inner_text()


def is_shown(who: Visitor, path: str, *titles: str) -> list[bool]:
    """Return which of these proposals a page names, by title or by code."""
    there = go(who, path)
    return [title in there or code(title) in there for title in titles]


HUB = "/opportunities/a-call/review/"


def panel() -> str:
    return f"/panels/{Panel.objects.get().pk}/"


def begin(cast: Cast) -> None:
    """Begin the review, ask for two reviews of each proposal, and seat four people."""
    office, duties = cast.office, ("chair", "member", "member", "reserve")
    go(office, HUB)
    click(office, "main form[action$='/begin/'] button")
    key = Panel.objects.get().pk
    go(office, f"{HUB}panels/{key}/edit/")
    office.fill("#id_demand", "2")
    click(office, "main form[method=post] .actions button")
    for (name, user), duty in zip(cast.users.items(), duties, strict=True):
        go(office, f"{HUB}panels/{key}/seats/")
        office.fill("#id_email", user.email)
        office.choose("#id_duty", duty)
        click(office, "#new ~ form .actions button")
        assert Seat.objects.get(user=user).duty == duty, name
    assert is_shown(cast.reviewer, "/reviews/", BETTER, WORSE) == [False, False]
    step(office, "ask")
    assert Round.objects.get().state == "declaring"


def step(office: Visitor, verb: str) -> None:
    """Take a step of the review; what is missing and usual is confirmed."""
    go(office, f"{HUB}steps/{verb}/")
    box = office.page.locator("[name=confirmed]")
    if box.count():
        box.check()
    click(office, "main form[action$='/steps/" + verb + "/'] button")


def declare(cast: Cast) -> None:
    """Declare that there is no conflict: one by one with a bid, or with all at once; nothing is shown before but title and team."""
    path = f"/reviews/declare/{Panel.objects.get().pk}/"
    eager, unwilling = "bid:2", "bid:-2"
    for who, bids in ((cast.chair, (unwilling, eager)), (cast.reviewer, (eager, eager))):
        go(who, "/desk/")
        click(who, "main a[href$='/reviews/']")
        click(who, f"main a[href$='{path}']")
        assert ("for the pole" in said(who), BETTER in said(who)) == (False, True)
        for title, bid in zip((BETTER, WORSE), bids, strict=True):
            who.choose(f"[name='choice-{item(title).pk}']", bid)
        click(who, "#declare .actions button")
    cast.tied.open(path)
    click(cast.tied, "form[action$='/none/'] button")
    click(cast.tied, "main form button")
    reserve = cast.users["Rose Reserve"]
    answers = [declarations.Answer(item(title).pk, bid=Bid.WILLING) for title in (BETTER, WORSE)]
    declarations.declare(item(BETTER).panel, answers, by=reserve, command=uuid4())
    assert (Declaration.objects.count(), Conflict.objects.count()) == (8, 0)


def assign(cast: Cast) -> None:
    """Have the assignment worked out with one pair pinned, read it, adopt it, and start the reviews."""
    office = cast.office
    go(office, f"{HUB}assignment/")
    office.fill("#id_must", f"{code(BETTER)} {Seat.objects.get(user=cast.users['Tim Tied']).label}")
    click(office, "form[action$='/ask/'] button")
    office.look()
    assert all(name in said(office) for name in ("Rita Reviewer", "Tim Tied", "Carl Chair"))
    assert Review.objects.count() == 0
    click(office, "form[action$='/adopt/'] button")
    pairs = set(Review.objects.values_list("item__proposal__title", "seat__user__name"))
    assert pairs == {
        (BETTER, "Rita Reviewer"), (BETTER, "Tim Tied"), (WORSE, "Rita Reviewer"), (WORSE, "Carl Chair"),
    }  # fmt: skip
    step(office, "start")


def write(reviewer: Visitor) -> None:
    """Write two reviews with the proposal beside; the first is saved by itself before a button is pressed."""
    go(reviewer, "/reviews/")
    for title in (BETTER, WORSE):
        mine = review_of(title, "Rita Reviewer")
        reviewer.open(f"/reviews/{mine.pk}/")
        assert f"A {title.lower()} for the pole." in said(reviewer)
        with reviewer.page.expect_response(lambda answer: answer.url.endswith("/autosave/") and answer.ok):
            reviewer.page.locator(f"[name^='mark-'][value='{MARKS['Rita Reviewer', title]}']").check()
            reviewer.fill("[name=to_team]", ADVICE if title == BETTER else "Say where radon comes from.")
            reviewer.fill("[name=confidential]", SECRET)
        mine.refresh_from_db()
        assert (mine.state, mine.submitted_at) == ("draft", None)
        reviewer.page.locator("[name=expertise][value='2']").check()
        click(reviewer, "button[name=look]")
        click(reviewer, "main form button")
        mine.refresh_from_db()
        assert (mine.state, mine.marks.get().value_permille) == ("submitted", MARKS["Rita Reviewer", title] * 1000)
    assert go(reviewer, "/reviews/").count("submitted") == 2


def step_back(tied: Visitor) -> None:
    """Find out after reading that there is a conflict, say so, and never meet the proposal again."""
    path = f"/reviews/{review_of(BETTER, 'Tim Tied').pk}/"
    assert "for the pole" in go(tied, path)
    go(tied, f"/reviews/declare/{Panel.objects.get().pk}/")
    tied.choose(f"[name='choice-{item(BETTER).pk}']", "conflict:institution")
    tied.fill(f"[name='words-{item(BETTER).pk}']", TIE)
    click(tied, "#change .actions button")
    tied.look()
    assert is_shown(tied, "/reviews/", BETTER) == [False]
    assert unknown(tied, path) == unknown(tied, f"/reviews/{uuid4()}/")


def unknown(who: Visitor, path: str) -> str:
    """Return the page that says that there is nothing at ``path``, without the address itself."""
    answer = who.page.request.get(f"{who.base}{path}")
    assert answer.status == 404
    return answer.text().replace(path, "")


def replace(office: Visitor) -> None:
    """Adopt the replacement that was proposed by itself: the reserve, and nobody else, is asked anew."""
    proposed = Allocation.objects.get(state="running")
    tasks.allocate(str(proposed.pk))
    assert TIE in go(office, f"{HUB}conflicts/")
    go(office, f"{HUB}assignment/{proposed.pk}/")
    assert "Rose Reserve" in said(office)
    click(office, "form[action$='/adopt/'] button")
    active = Review.objects.exclude(state="recused").filter(item=item(BETTER))
    assert set(active.values_list("seat__user__name", "state")) == {
        ("Rita Reviewer", "submitted"), ("Rose Reserve", "assigned"),
    }  # fmt: skip


def write_behind_the_scenes(cast: Cast) -> None:
    """Let the two write whose writing is not watched."""
    for name, title in (("Rose Reserve", BETTER), ("Carl Chair", WORSE)):
        mine, user = review_of(title, name), cast.users[name]
        judged = {one.pk: Judged(MARKS[name, title] * 1000) for one in call().criteria.all()}
        draft = Draft(judged=judged, to_team="Sound.", confidential="Nothing more.", expertise=2)
        saved = drafts.save(mine, draft, version=mine.version, by=user, command=uuid4())
        reviews.submit(mine, version=saved.version, by=user, command=uuid4())


def discuss(cast: Cast) -> None:
    """Discuss both proposals, the better first; the conflicted member's screen lacks it from beginning to end."""
    office, chair, reviewer, tied = cast.office, cast.chair, cast.reviewer, cast.tied
    assert is_shown(reviewer, f"{panel()}meeting/", BETTER, WORSE) == [False, False]
    step(office, "discuss")
    chair.open(panel())
    assert all(f"{mean}.0" in said(chair) for mean in MEANS.values())
    assert is_shown(tied, panel(), BETTER, WORSE) == [False, True]
    chair.page.locator("form[action$='/order/'] select").select_option("-mean")
    click(chair, "form[action$='/order/'] button")
    go(chair, f"{panel()}meeting/")
    click(chair, "#coming ~ ol li:first-child button")
    reviewer.open(f"{panel()}meeting/")
    assert [words in said(chair) for words in (BETTER, "Rose Reserve", "Tim Tied")] == [True, True, True]
    assert [words in said(reviewer) for words in (BETTER, "Rose Reserve", "Tim Tied")] == [True, False, False]
    assert is_shown(tied, f"{panel()}meeting/", BETTER, WORSE) == [False, True]
    reviewer.fill(f"#say-{item(BETTER).pk} textarea", "Its detector is the best of its kind.")
    click(reviewer, f"#say-{item(BETTER).pk} button")
    agree(chair, BETTER)
    chair.look()
    close(chair, BETTER)
    click(chair, "#coming ~ ol li:first-child button")
    tied.open(f"{panel()}meeting/")
    assert (WORSE in said(tied), BETTER in said(tied), code(BETTER) in said(tied)) == (True, False, False)
    close(chair, WORSE)
    step(office, "conclude")
    assert Round.objects.get().state == "concluded"


def agree(chair: Visitor, title: str) -> None:
    """Record what the panel agreed on."""
    go(chair, f"{panel()}meeting/")
    assert "Its detector is the best of its kind." in said(chair)
    form = f"#record-{item(title).pk}"
    chair.unfold(form)
    for name, words in (("consensus", CONSENSUS), ("to_team", PANEL_SAYS), ("confidential", ASIDE)):
        chair.fill(f"{form} [name={name}]", words)
    click(chair, f"{form} button")
    assert item(title).consensus == CONSENSUS


def close(chair: Visitor, title: str) -> None:
    click(chair, f"form[action$='/items/{item(title).pk}/close/'] button")
    assert item(title).state == "closed"


def hand_over(office: Visitor) -> None:
    """See what the reviews give, and let the raw means count."""
    office.open(f"{HUB}hand-over/")
    for title, mean in MEANS.items():
        row = office.page.get_by_role("row", name=code(title))
        assert row.get_by_role("cell", name=str(mean), exact=True).count() == 1
    office.page.locator("[name=counts][value=raw]").check()
    click(office, "main form[method=post] .actions button")
    assert call().score_tables.get().scores.count() == len(MARKS)


def decide(office: Visitor) -> None:
    """Recommend by these merits, and publish what comes of it."""
    go(office, "/opportunities/a-call/selection/")
    click(office, "form[action$='/recommend/'] button")
    office.look()
    assert set(call().recommendations.get().result["choices"]) == {code(BETTER)}
    click(office, "main a[href$='/selection/draft/']")
    click(office, "main form button")
    office.tick("[name=sure]")
    click(office, "main form button")
    assert call().state == "decided"
    merits = {one.proposal.title: one.merit for one in call().decision.outcomes.all()}
    assert merits == {title: mean * FULL // 100 for title, mean in MEANS.items()}


def debrief(cast: Cast) -> None:
    """Release what was said; the team reads what is meant for it, and no name, secret or other proposal."""
    office, team = cast.office, cast.team
    path = f"/proposals/{item(BETTER).proposal_id}/debrief/"
    assert ADVICE not in go(team, path)
    office.open(f"{HUB}debriefs/")
    click(office, "form[action$='/release/'] button")
    team.open(path)
    there = said(team)
    assert [words in there for words in (ADVICE, PANEL_SAYS, "8.5")] == [True] * 3
    hidden = (SECRET, ASIDE, CONSENSUS, WORSE, code(WORSE), *cast.users, *Seat.objects.values_list("label", flat=True))
    assert [words for words in hidden if words in team.page.content()] == []
    absent = unknown(team, f"/proposals/{uuid4()}/debrief/")
    assert unknown(team, f"/proposals/{item(WORSE).proposal_id}/debrief/") == absent
