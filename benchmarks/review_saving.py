"""Saving a review: the CPU time of the whole request, beside the same saving through Django's own model forms.

``python benchmarks/review_saving.py`` asks the database that the environment names (``DATABASE_URL`` or ``MOONBRIDGE_STATE``) to hold a
call with one review by four criteria; all of it is taken back at the end. Each saving changes one comment and one mark and goes through
the whole of Django, from the request to the answer. The rival saves the same fields with a ModelForm and a model formset in one
transaction, behind the same sign-in; it knows no versions, no commands, no conflicts, no visibility and no scale, which our saving
all checks. Aim: at most 25 ms of CPU for ours. Other CPU, such as that of the database, is not counted for either.
"""

import os
import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

os.environ.setdefault("MOONBRIDGE_MODE", "demo")

type Typed = Callable[[Any, list[Any], int], dict[str, str]]
"""What is typed into a review by these criteria, in some turn."""

WARM, TIMES = 10, 100
LIMIT_MS = 25
CRITERIA = 4


def main() -> None:
    """Save a review in both ways, taking turns, and print what each took."""
    from moonbridge.site import preparation

    preparation.set_up_django()
    from django.conf import settings
    from django.db import transaction
    from django.test import override_settings

    settings.ALLOWED_HOSTS = ["testserver"]
    with transaction.atomic(), override_settings(ROOT_URLCONF=urls()):
        measure()
        transaction.set_rollback(True)


def measure() -> None:
    """Take turns between the two, so that a busy machine slows both."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    review, criteria = scene()
    visitor = Client()
    visitor.force_login(review.seat.user, backend="django.contrib.auth.backends.ModelBackend")
    ways: dict[str, tuple[str, Typed]] = {
        "ours: the page's own saving": (f"/reviews/{review.pk}/autosave/", ours),
        "rival: ModelForm and formset": (f"/rival/{review.pk}/", rivals),
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(WARM + TIMES):
        for name, (address, typed) in ways.items():
            spent[name].append(cpu_of(visitor, address, typed(review, criteria, turn)))
    medians = {name: statistics.median(found[WARM:]) for name, found in spent.items()}
    for name, (address, typed) in ways.items():
        sent = typed(review, criteria, WARM + TIMES)
        with CaptureQueriesContext(connection) as asked:
            visitor.post(address, sent)
        print(f"{name:32} median {medians[name]:5.1f} ms of CPU, {len(asked)} queries")
    first, second = medians.values()
    print(
        f"ratio of ours to the rival: {first / second:.2f}; limit {LIMIT_MS} ms: {'held' if first <= LIMIT_MS else 'BROKEN'}"
    )


def cpu_of(visitor: Any, address: str, sent: dict[str, str]) -> float:
    """Return the CPU milliseconds of one saving."""
    begin = time.process_time()
    answer = visitor.post(address, sent)
    spent = 1000 * (time.process_time() - begin)
    assert answer.status_code == 200, answer.content
    return spent


def scene() -> tuple[Any, list[Any]]:
    """Make a closed call with one proposal, one panel and one reviewer, and return the review and its criteria."""
    from moonbridge.accounts.models import User
    from moonbridge.cooperation.opportunities.models import Criterion, Opportunity
    from moonbridge.cooperation.opportunities.states import State
    from moonbridge.cooperation.programmes.models import Mission, Partner, Programme
    from moonbridge.cooperation.proposals.models import Proposal
    from moonbridge.cooperation.proposals.states import State as ProposalState
    from moonbridge.cooperation.review.models import Declaration, Item, Panel, Review, Round, Seat
    from moonbridge.cooperation.review.states import RoundState
    from moonbridge.record.queries import database_now

    name, now = f"benchmark-{uuid4().hex[:8]}", database_now()
    reviewer = User.objects.create(email=f"{name}@example.org", name="Benchmark")
    agency = Partner.objects.create(slug=name, kind="agency", name=name)
    programme = Programme.objects.create(slug=name, name=name, agency=agency)
    mission = Mission.objects.create(slug=name, name=name, programme=programme, agency=agency)
    call = Opportunity.objects.create(
        slug=name, agency=agency, mission=mission, title=name, deadline=now, published_at=now, origin="synthetic"
    )
    criteria = [Criterion.objects.create(opportunity=call, name=f"Criterion {n}", position=n) for n in range(CRITERIA)]
    for state in (State.OPEN, State.CLOSED):
        call.state = state
        call.save(update_fields=["state"])
    proposal = Proposal.objects.create(
        opportunity=call, code="P-1", title="One", state=ProposalState.SUBMITTED, submitted_at=now, synthetic=True
    )
    round_ = Round.objects.create(
        opportunity=call, mode="reviewer-blind", state=RoundState.REVIEWING, begun_by=reviewer
    )
    panel = Panel.objects.create(round=round_, name="Panel")
    panel.criteria.set(criteria)
    item = Item.objects.create(panel=panel, proposal=proposal)
    seat = Seat.objects.create(panel=panel, user=reviewer, label="R-1")
    Declaration.objects.create(seat=seat, item=item)
    return Review.objects.create(item=item, seat=seat), criteria


def said(turn: int) -> str:
    """Return a comment as long as comments are."""
    return f"Turn {turn}. " + "The objectives are clear, and the instrument meets them with margin. " * 12


def ours(review: Any, criteria: list[Any], turn: int) -> dict[str, str]:
    """Return what the page sends."""
    marks = {f"mark-{one.pk}": str((turn if number == 0 else 5) % 10) for number, one in enumerate(criteria)}
    comments = {f"comment-{one.pk}": "Well argued." for one in criteria}
    version = type(review).objects.values_list("version", flat=True).get(pk=review.pk)
    about = {"to_team": said(turn), "confidential": "None.", "expertise": "2"}
    return marks | comments | about | {"version": str(version), "command": str(uuid4())}


def rivals(review: Any, criteria: list[Any], turn: int) -> dict[str, str]:
    """Return what the rival's page would send."""
    kept = dict(review.marks.values_list("criterion_id", "pk"))
    data = {"form-TOTAL_FORMS": str(len(criteria)), "form-INITIAL_FORMS": str(len(kept))}
    for number, one in enumerate(criteria):
        mark = 1000 * ((turn + 3 if number == 0 else 5) % 10)
        data |= {
            f"form-{number}-id": str(kept.get(one.pk, "")), f"form-{number}-criterion": str(one.pk),
            f"form-{number}-value_permille": str(mark), f"form-{number}-comment": "Well argued.",
        }  # fmt: skip
    return data | {"to_team": said(turn + 1), "confidential": "None.", "expertise": "2"}


def urls() -> Any:
    """Return the addresses of the house and the rival's beside them."""
    from types import ModuleType

    from django.contrib.auth.decorators import login_required
    from django.urls import path

    from moonbridge.site.urls import urlpatterns

    module = ModuleType("benchmark_urls")
    module.urlpatterns = [path("rival/<uuid:key>/", login_required(rival)), *urlpatterns]  # type: ignore[attr-defined]
    return module


def rival(request: Any, key: UUID) -> Any:
    """Save a review with what Django brings along."""
    from django.db import transaction
    from django.forms import modelform_factory, modelformset_factory
    from django.http import JsonResponse
    from django.shortcuts import get_object_or_404

    from moonbridge.cooperation.review.models import Mark, Review

    review = get_object_or_404(Review, pk=key, seat__user=request.user)
    form = modelform_factory(Review, fields=["to_team", "confidential", "expertise"])(request.POST, instance=review)
    formset = modelformset_factory(Mark, fields=["criterion", "value_permille", "comment"], extra=CRITERIA)(
        request.POST, queryset=review.marks.all()
    )
    if not (form.is_valid() and formset.is_valid()):
        return JsonResponse({"form": form.errors, "marks": formset.errors}, status=400)
    with transaction.atomic():
        form.save()
        for mark in formset.save(commit=False):
            mark.review = review
            mark.save()
    return JsonResponse({"saved": True})


if __name__ == "__main__":
    main()
