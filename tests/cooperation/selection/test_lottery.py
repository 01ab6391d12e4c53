"""A lottery near the line: the draw that a call publishes decides among portfolios close to the best, and every page says so."""

import hashlib
import uuid
from itertools import count

import pytest
from django.urls import reverse
from django.utils import translation

from cooperation.selection import calls
from cooperation.selection.test_pages import client_of, lead_of
from formats.paper.reading import Document
from moonbridge.cooperation.selection import actions, letters
from moonbridge.cooperation.selection.candidates import candidates
from moonbridge.cooperation.selection.openly import open_reasons
from moonbridge.formats.calls.certificate import verified
from moonbridge.record.models import Entry
from moonbridge.record.queries import signer

pytestmark = pytest.mark.django_db
POINTS = 10_000
BCD = {"P-B": "Full", "P-C": "Full", "P-D": "Full"}
"""Worth 195; the best, with A in the place of B, is worth 205, and no other portfolio more than 170."""


def draw_number(seed: uuid.UUID, code: str) -> int:
    return int(hashlib.sha256(f"{seed}/{code}/Full".encode()).hexdigest()[:4], 16) + 1


SEED = next(seed for n in count() if draw_number(seed := uuid.UUID(int=n), "P-B") > draw_number(seed, "P-A"))
"""A seed by which B is drawn against A; C and D are in both portfolios."""


def test_beyond_the_margin_the_best_is_chosen() -> None:
    call, office, _ = calls.hand_computed_call(id=SEED, lottery_within=10 * POINTS - 1)
    result = calls.recommended(call, office).result
    assert (result["choices"], result["value"], result["bound"]) == (calls.BEST, "205", "205")


def test_within_the_margin_the_published_draw_decides_and_everybody_is_told() -> None:
    call, office, made = calls.hand_computed_call(id=SEED, lottery_within=10 * POINTS)
    assert candidates(call).lottery_within == 10
    decision = calls.published(call, office)
    kept = decision.recommendation
    assert (kept.result["choices"], kept.result["value"], kept.result["bound"]) == (BCD, "195", "205")
    verdict = verified(kept.certificate, candidates(call), public_key=signer().public_key)
    assert verdict.values == (195,)
    with translation.override("en"):
        why = open_reasons(decision)
        told = {code: letters.reason(made[code].outcome) for code in ("P-A", "P-B", "P-C")}
    assert {outcome.proposal.code: reason for outcome, reason in why.selected} == {
        "P-B": "The published draw among portfolios close to the best decided for it.",
        "P-C": "Every portfolio without it is worth less.", "P-D": "Every portfolio without it is worth less.",
    }  # fmt: skip
    assert why.left_out == ["Left out by the published draw among portfolios close to the best: 1."]
    assert "within 10 of the best: the published draw gave it the place" in told["P-B"]
    assert "within 10 of the best, where the published draw decides" in told["P-A"]
    assert "draw" not in told["P-C"]
    public, paper = (client_of().get(reverse(name, args=[call.slug])) for name in ("decision", "decision-paper"))
    for words in (public.content.decode(), " ".join(Document(paper.content).text.split())):
        assert "at most 10 below the highest" in words
        assert str(SEED) in words
        assert "195" not in words
    lottery = {"within": "10", "seed": str(SEED)}
    assert client_of().get(f"/api/v1/opportunities/{call.slug}/decision").json()["lottery"] == lottery
    assert Entry.objects.get(verb="decide", chain="public").body["facts"]["lottery"] == lottery


def test_the_office_sees_the_best_beside_the_drawn_and_trials_are_compared_best_with_best() -> None:
    call, office, made = calls.hand_computed_call(id=SEED, lottery_within=10 * POINTS)
    actions.state_together(
        made["P-A"], made["P-B"], -10 * POINTS, reason="They overlap.", by=office, command=calls.command()
    )
    assert calls.recommended(call, office).result["prices"] == {"s0": "0"}  # between the drawn ones it could be 10
    client = client_of(office)
    page = client.get(reverse("selection", args=[call.slug])).content.decode()
    assert "among all portfolios at most 10 below the best, which is worth 205" in page
    studio = client.get(reverse("selection-studio", args=[call.slug]), {"out": "P-B"})
    assert set(studio.context["answer"].result.choices) == set(calls.BEST)
    assert [figure.difference for figure in studio.context["figures"]][:1] == [""]
    what_if = f"/api/v1/opportunities/{call.slug}/what-if"
    answer = client.post(what_if, {"outside": ["P-C"]}, content_type="application/json")
    assert answer.json()["gain"] == "-45"  # A and B: 90 + 80 - 10; against 205
    assert client_of(lead_of(made["P-A"])).get(reverse("selection", args=[call.slug])).status_code == 404
