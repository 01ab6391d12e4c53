"""The pages of a panel with 1,000 proposals, 500 reviewers and 3,000 reviews by five criteria.

``python benchmarks/review_pages.py`` writes such a panel (synthetic, seeded) into the database that the environment names
(``DATABASE_URL`` or ``MOONBRIDGE_STATE``), asks for each page as its reader would, through the whole of Django, and takes everything back.
Printed are medians of the CPU of this process and of the clock (the database's work included), and the queries. The rival makes the desk's
lines as many systems do: everything is fetched, and each row is looked at in Python before it is counted. Aim: 100 CPU-ms and 10 queries.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("MOONBRIDGE_MODE", "demo")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

TIMES = 11


def main() -> None:
    """Write the panel, ask for every page, print what it took, and take the panel back."""
    from moonbridge.site import preparation

    preparation.set_up_django()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    with transaction.atomic():
        _measure()
        transaction.set_rollback(True)


def _measure() -> None:
    from django.db import connection

    from cooperation.review.crowds import Crowd
    from moonbridge.cooperation.review.boards import Board

    crowd = Crowd(1000, 500, each=3, criteria=5)
    chair, office = crowd.made.chair.user, crowd.made.office
    crowd.hide_from(chair, 5)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{len(crowd.items)} proposals, {len(crowd.seats)} reviewers, {len(crowd.reviews)} reviews")
    pages = {
        "panel's desk": "", "sorted by mean": "?sort=-mean", "page 5 of a search": "?q=p-0&page=5", "people": "people/",
        "reminders": "remind/?what=reviews", "declarations": "remind/?what=declarations", "export": "items.csv", "meeting": "meeting/",
    }  # fmt: skip
    for who, user in (("office", office), ("conflicted chair", chair)):
        for name, path in pages.items():
            told(f"{who}: {name}", _page(user, f"/panels/{crowd.panel.pk}/{path}"))

    for name, address in _of_office(crowd).items():
        told(f"office: {name}", _page(office, address))

    def ours() -> object:
        board = Board(chair, crowd.panel)
        return board.lines, board.loads(over=False)

    spent = told("lines and loads, masked in the database", ours)
    rival = told("rival: everything fetched, each row looked at in Python", lambda: by_row(chair, crowd.panel))
    print(f"the rival takes {rival / spent:.1f} times as much CPU here")


def _of_office(crowd: Any) -> dict[str, str]:
    """Return the office's pages of the call and of the panel, each with everything that it can show."""
    from django.urls import reverse

    crowd.bring_conflicts()
    _search(crowd)
    slug, panel, proposed = crowd.made.call.slug, crowd.panel.pk, crowd.propose()
    crowd.score(calibrated=True)
    of_call = {
        "hub": "round", "hand-over, not calibrated yet": "hand-over", "conflicts": "conflicts", "declarations and bids": "bids",
        "assignment": "assignment", "what the search for conflicts found": "recheck", "debriefs": "debriefs",
    }  # fmt: skip
    of_panel = {"panel": "panel", "people and their load": "seats", "invite a referee": "referees"}
    return (
        {name: reverse(f"review-{route}", args=[slug]) for name, route in of_call.items()}
        | {name: reverse(f"review-{route}", args=[slug, panel]) for name, route in of_panel.items()}
        | {
            "a proposed assignment": reverse("review-allocation", args=[slug, proposed.pk]),
            "one debrief": reverse("review-debrief", args=[slug, crowd.items[0].proposal_id]),
            "scores, calibrated": reverse("scores", args=[slug]),
        }
    )


def _search(crowd: Any) -> None:
    """Print what the job takes that searches for conflicts, where half of the teams have a member of a reviewer's university."""
    from moonbridge.accounts.models import User
    from moonbridge.cooperation.proposals.models import TeamMember
    from moonbridge.cooperation.review.actions import searches

    people = [User(email=f"bench{n}@uni{n % 250}.test", name=f"Bench Member{n}") for n in range(500)]
    User.objects.bulk_create(people)
    TeamMember.objects.bulk_create(
        TeamMember(proposal_id=crowd.items[2 * n].proposal_id, user=user, role="lead") for n, user in enumerate(people)
    )
    for number, seat in enumerate(crowd.seats):
        User.objects.filter(pk=seat.user_id).update(email=f"seat{number}@uni{number % 250}.test")
    search = searches.ask(crowd.made.round, by=crowd.made.office)
    assert search is not None
    spent = time.process_time()
    searches.carry_out(search)
    found = search.found.count()
    print(
        f"the search for conflicts, a job: CPU {1000 * (time.process_time() - spent):.0f} ms; {found} found", flush=True
    )


def _page(user: Any, path: str) -> Callable[[], object]:
    from django.test import Client

    visitor = Client()
    visitor.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def ask() -> object:
        answer = visitor.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content

    return ask


def told(name: str, act: Callable[[], object]) -> float:
    """Print how long ``act`` takes, and return the median of its CPU seconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        act()
        queries = len(asked)
    waits, cpu = [], []
    for _ in range(TIMES):
        begin, spent = time.perf_counter(), time.process_time()
        act()
        waits.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - spent)
    middle = statistics.median(cpu)
    print(
        f"{name:56} CPU {1000 * middle:6.0f} ms, clock {1000 * statistics.median(waits):6.0f} ms, {queries} queries",
        flush=True,
    )
    return middle


def by_row(user: Any, panel: Any) -> list[tuple[Any, ...]]:
    """Return code, mean and spread of each item that ``user`` may see, with everything fetched first."""
    from moonbridge.cooperation.proposals.models import TeamMember
    from moonbridge.cooperation.review.models import Conflict, Item, Seat

    conflicts = set(Conflict.objects.filter(user=user, standing=True).values_list("proposal_id", flat=True))
    teams = set(TeamMember.objects.filter(user=user).values_list("proposal_id", flat=True))
    mine = set(Seat.objects.filter(user=user).values_list("pk", flat=True))
    found = []
    whole = Item.objects.filter(panel=panel).select_related("proposal")
    for item in whole.prefetch_related("reviews__marks__criterion", "reviews__seat__user", "declarations"):
        declared = any(one.seat_id in mine for one in item.declarations.all())
        if item.proposal_id in conflicts or item.proposal_id in teams or not declared:
            continue
        points = [_points(review) for review in item.reviews.all() if review.state == "submitted"]
        mean = sum(points) / len(points) if points else None
        found.append((item.proposal.code, mean, max(points) - min(points) if points else None))
    return found


def _points(review: Any) -> float:
    marks = list(review.marks.all())
    reached = sum(
        mark.criterion.weight
        * (mark.value_permille / 1000 - mark.criterion.lowest)
        / (mark.criterion.highest - mark.criterion.lowest)
        for mark in marks
    )
    return 100 * reached / sum(mark.criterion.weight for mark in marks)


if __name__ == "__main__":
    main()
