"""The demonstration as each of its people sees it: every page held to the rules for pages, and synthetic content named as such."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command

from browser import Visitor
from moonbridge.accounts.demo import ROLES
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review.models import Item, Review, Round

pytestmark = [pytest.mark.pages, pytest.mark.slow]

LABEL = {"en": "synthetic", "zh-hans": "合成"}


@pytest.fixture
def demonstration(transactional_db) -> None:
    call_command("load_catalogue", verbosity=0, stdout=StringIO())
    call_command("load_demonstration", stdout=StringIO())


def paths() -> dict[str, list[str]]:
    """Return the pages that show the demonstration, by who looks at them ("": a stranger)."""
    others = Opportunity.objects.filter(round=None)
    calls = {(call.origin, call.state): f"/opportunities/{call.slug}/" for call in others}
    still_open, over = calls[Origin.SYNTHETIC, "open"], calls[Origin.SYNTHETIC, "decided"]
    reviewed = f"/opportunities/{Round.objects.get().opportunity.slug}/"
    undecided = calls[Origin.SYNTHETIC, "closed"]
    replays = [f"/opportunities/{call.slug}/" for call in Opportunity.objects.filter(origin=Origin.REPLAY)]
    mine = Proposal.objects.filter(members__user__email=ROLES["team"])
    draft, declined = (f"/proposals/{mine.get(state=state).pk}/" for state in ("draft", "submitted"))
    panel, discussed = f"/panels/{(item := Item.objects.get(state='closed')).panel_id}/", item.pk
    begun = f"/reviews/{Review.objects.get(state='draft').pk}/"
    return {
        "": [
            "/", "/opportunities/", still_open, undecided, over, f"{over}decision/", *replays, *(f"{path}decision/" for path in replays),
            "/record/", "/missions/change-8/",
        ],
        ROLES["programme office"]: [
            "/desk/", "/opportunities/mine/", f"{still_open}manage/", f"{still_open}proposals/", f"{still_open}questions/",
            f"{undecided}manage/", f"{undecided}proposals/", f"{undecided}scores/", f"{undecided}selection/",
            f"{reviewed}review/", f"{reviewed}review/assignment/", f"{reviewed}review/conflicts/", f"{reviewed}review/hand-over/",
            f"{reviewed}review/debriefs/", f"{over}proposals/", f"{over}scores/", f"{over}selection/", declined, f"{declined}outcome/",
        ],
        ROLES["team"]: [
            "/desk/", f"{still_open}propose/", draft, f"{draft}edit/", f"{draft}submit/", declined, f"{declined}receipt/1/",
            f"{declined}outcome/",
        ],
        ROLES["reviewer"]: ["/desk/", "/reviews/", begun, f"{panel}meeting/"],
        ROLES["panel chair"]: ["/desk/", panel, f"{panel}people/", f"{panel}meeting/", f"{panel}items/{discussed}/"],
        ROLES["external referee"]: ["/desk/", "/reviews/"],
        ROLES["observer"]: [panel],
        ROLES["curator"]: ["/desk/"],
    }  # fmt: skip


@pytest.mark.usefixtures("demonstration")
def test_every_page_keeps_the_rules_and_says_what_is_synthetic(visitor: Callable[..., Visitor]) -> None:
    """Each page in one of the languages, by turns: how the label reads in both is the same few words."""
    for email, addresses in paths().items():
        user = User.objects.get(email=email) if email else None
        for language, turn in (("en", addresses[::2]), ("zh-hans", addresses[1::2])):
            look_at(visitor(user, language=language), turn, LABEL[language])


def look_at(somebody: Visitor, addresses: list[str], label: str) -> None:
    for path in addresses:
        somebody.open(path)
        said = somebody.page.locator("main").inner_text().lower()
        if "synthetic" in path or "/proposals/" in path:
            assert (path, label in said) == (path, True)
