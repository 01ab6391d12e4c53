from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engines.selection.random_calls import random_call
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal, synergy
from moonbridge.engines.selection.rules import (
    amount_at_most,
    at_least,
    at_most_of,
    include,
    leave_out,
    needs,
    needs_any,
    not_together,
    part_at_most,
    partners_at_least,
    shares_at_most,
)
from moonbridge.engines.selection.synthetic import synthetic_call
from moonbridge.engines.selection.weighting import by_size
from moonbridge.errors import InputError
from moonbridge.formats.calls.read import call_from_text, read_call
from moonbridge.formats.calls.scores import read_scores
from moonbridge.formats.calls.write import call_data, call_text
from moonbridge.quantities import SAMPLE_MASS, custom

LANDER = """\
title = "A lander"
seed = "2026"

[resources]
volume = "l"
soil = "sample mass"

[[limits]]
element = "lander"
resource = "mass"
total = "200 kg"
per_item = "100 kg"
reserved = "10 %"

[[limits]]
element = "lander"
resource = "volume"
total = 40

[[limits]]
element = "store"
resource = "soil"
total = "2 g"

[[proposals]]
id = "A"
title = "Camera"
groups = ["country:TH", "first-time"]
merit = 84.5
asks.lander.mass = "12.5 kg"
asks.lander.volume = 3.5

[[proposals]]
id = "B"
synthetic = true
tier = 2
groups = { "country:TH" = "1/3", "country:CN" = "2/3" }

[[proposals.options]]
id = "full"
merit = "70"
doubt = "4.5"
asks = { lander = { mass = "40 kg" }, store = { soil = "3 mg" } }

[[proposals.options]]
id = "descoped"
merit = 60
asks.lander.mass = 20

[[rules]]
rule = "conflict"
proposals = ["A", "B"]
why = "same boom"

[[synergies]]
pair = ["A", "B"]
value = "-2.5"
"""
KG = 1_000_000


def lander() -> Problem:
    a = Option("full", Fraction("84.5"), {("lander", "mass"): 12_500_000, ("lander", "volume"): 3_500})
    b = (
        Option("full", Fraction(70), {("lander", "mass"): 40 * KG, ("store", "soil"): 3_000_000}, Fraction("4.5")),
        Option("descoped", Fraction(60), {("lander", "mass"): 20 * KG}),
    )
    shares = {"country:TH": Fraction(1, 3), "country:CN": Fraction(2, 3)}
    return Problem(
        (
            Limit("lander", "mass", 200 * KG, 100 * KG, 20 * KG),
            Limit("lander", "volume", 40_000),
            Limit("store", "soil", 2 * 10**9),
        ),
        (
            Proposal("A", (a,), "Camera", {"country:TH": Fraction(1), "first-time": Fraction(1)}),
            Proposal("B", b, groups=shares, tier=2, synthetic=True),
        ),
        (not_together("A", "B", why="same boom"),),
        (synergy("A", "B", Fraction(-5, 2)),),
        {"volume": custom("l"), "soil": SAMPLE_MASS},
        "A lander",
        "2026",
    )


def test_a_toml_call_is_read_exactly() -> None:
    assert call_from_text(LANDER, "toml") == lander()


@pytest.mark.parametrize("form", ["toml", "json"])
def test_what_is_written_reads_back_the_same(form: str) -> None:
    every_rule = (
        at_least(1, "first-time"),
        shares_at_most("1/3", "country:TH"),
        amount_at_most(3 * KG, "mass", "country:TH"),
        part_at_most("0.3", "country:TH", resource="mass"),
        part_at_most("1/7", "first-time"),
        partners_at_least(2),
        at_most_of(1, "A", "B"),
        needs("A", "B"),
        needs_any("B", "A"),
        include("A", reason="flagship"),
        leave_out("B", reason="export control", option="full"),
    )
    calls = [random_call(seed) for seed in range(40)]
    calls += [lander(), lander().with_rules(*every_rule), replace(synthetic_call(20, 3), lottery_within=Fraction(1, 2))]
    for call in calls:
        assert call_from_text(call_text(call, form), form) == call


def test_a_table_holds_limits_and_proposals_and_reads_back_the_same() -> None:
    whole = lander()
    limits = tuple(limit for limit in whole.limits if limit.resource != "soil")
    b = Proposal(
        "B",
        (Option("full", Fraction(70), {("lander", "mass"): 40 * KG}), *whole.proposals[1].options[1:]),
        merges=("A",),
    )
    call = Problem(limits, (whole.proposals[0], b), resources={"volume": custom("l")})
    assert call_from_text(call_text(call, "csv"), "csv") == call
    with pytest.raises(InputError, match="rules, synergies, weights and draws do not fit into a table"):
        call_text(lander(), "csv")


def test_a_table_as_a_spreadsheet_saves_it() -> None:
    text = "Proposal;Option;Merit;Groups;Lander mass\r\n#total;;;;200 kg\r\n#per item;;;;100 kg\r\nA;;84.5;country:TH=1/2;12.5\r\n"
    call = call_from_text(text, "csv")
    assert call.limits == (Limit("lander", "mass", 200 * KG, 100 * KG),)
    assert call.proposals == (
        Proposal(
            "A",
            (Option("full", Fraction("84.5"), {("lander", "mass"): 12_500_000}),),
            groups={"country:TH": Fraction(1, 2)},
        ),
    )


MISTAKES = {
    ("toml", LANDER.replace('total = "200 kg"', 'total = "200 W"')): (
        "call:11, field limits[1].total: “200 W”: “W” is not a unit of mass; use one of kg, g, mg, t"
    ),
    ("toml", LANDER.replace("per_item =", "per_itme =")): (
        "call:12, field limits[1].per_itme: unknown key 'per_itme'; known here: element, resource, total, per_item, reserved, synthetic"
    ),
    ("toml", LANDER.replace("merit = 84.5", "merit = nan")): (
        "call:29, field proposals[1].merit: NaN is not a number; write for example 8.45"
    ),
    ("toml", LANDER.replace("merit = 60", 'merit = "good"')): (
        "call:47, field proposals[2].options[2].merit: 'good' is not a number; write for example '8.45'"
    ),
    ("toml", LANDER.replace('soil = "3 mg"', 'soyl = "3 mg"')): (
        "call:43, field proposals[2].options[1].asks.store.soyl: "
        "nothing says what 'soyl' is measured in; add it to 'resources'"
    ),
    ("toml", LANDER.replace('rule = "conflict"', 'rule = "conflicts"')): (
        "call:51, field rules[1].rule: unknown rule 'conflicts'; "
        "known rules: count, shares, amount, part, partners, conflict, needs, include, leave out"
    ),
    ("toml", 'title = "x\nlimits = 3'): "call:1: is not TOML: Illegal character '\\n'",
    ("json", '{\n "limits": [],\n "proposals": [\n  {"id": "A"},\n  {"id": 7}\n ]\n}'): (
        "call:5, field proposals[2].id: a text belongs here"
    ),
    ("json", '{\n "limits" []\n}'): "call:2: is not JSON: Expecting ':' delimiter",
    ("csv", "proposal,lander mass\n#total,2 kg\nA,1 kg\nB,heavy\n"): (
        "call:4, field lander mass: “heavy” is not an amount; write a number and a unit, for example “12.5 kg”"
    ),
    ("csv", "proposal,weight\n"): (
        "call:1: unknown column 'weight'; known are proposal, option, title, merit, doubt, groups, synthetic, tier, "
        "merges and 'element resource'"
    ),
    ("yaml", ""): "call: a call is a .toml, .json or .csv file",
}


@pytest.mark.parametrize(("form", "text"), MISTAKES)
def test_a_mistake_is_refused_with_file_line_and_field(form: str, text: str) -> None:
    with pytest.raises(InputError) as caught:
        call_from_text(text, form)
    assert caught.value.sentence == MISTAKES[form, text]


WEIGHED = LANDER.replace(
    "[resources]",
    """[weighting]
exponent = "3/4"
reference = { mass = "20 kg", volume = 5 }

[priorities]
1 = 2
2 = 1.5

[resources]""",
)


def test_weights_are_read_written_and_part_of_the_call() -> None:
    call = call_from_text(WEIGHED, "toml")
    assert call.weighting == by_size("3/4", {"mass": 20 * KG, "volume": 5000})
    assert call.priorities == {1: 2, 2: Fraction(3, 2)}
    for form in ("toml", "json"):
        assert call_from_text(call_text(call, form), form) == call
    assert call_data(call) != call_data(call_from_text(LANDER, "toml"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            LANDER.replace('proposals = ["A", "B"]', 'proposals = ["A", "C"]'),
            "call:50, field rules[1]: a conflict names 'C', but no such",
        ),
        (
            LANDER.replace('id = "full"', 'id = "descoped"'),
            "call:33, field proposals[2]: option of B 'descoped' appears 2 times",
        ),
        (
            WEIGHED.replace('"3/4"', '"7/4"'),
            "call:4, field weighting: the exponent is 7/4; it is a fraction from 0 to 1",
        ),
        (
            WEIGHED.replace('mass = "20 kg"', 'mass = "20 l"'),
            "call:6, field weighting.reference.mass: “20 l”: “l” is not",
        ),
        (
            WEIGHED.replace("volume = 5 }", "cost = 5 }"),
            "call:6, field weighting.reference.cost: nothing says what 'cost'",
        ),
        (
            WEIGHED.replace("volume = 5 }", "data = 5 }"),
            "call:4, field weighting: merit counts by 'data', which the call",
        ),
        (WEIGHED.replace("1 = 2\n", ""), "call:8, field priorities: the priorities give no weight to tier 1"),
        (
            WEIGHED.replace("1 = 2\n", "first = 2\n"),
            "call:9, field priorities.first: 'first' is no tier; the first tier is 1",
        ),
    ],
)
def test_what_the_problem_itself_refuses_names_file_line_and_field(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        call_from_text(text, "toml")
    assert caught.value.sentence.startswith(sentence)


def test_a_file_that_is_not_there_or_no_text_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened: No such file or directory"):
        read_call(tmp_path / "none.toml")
    (tmp_path / "call.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read_call(tmp_path / "call.toml")


def test_scores_replace_merits_by_proposal_or_by_option(tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    scores.write_text("proposal,option,score\nA,,91.25\nB,descoped,3\n")
    scored = read_scores(scores, lander())
    assert {(p.id, o.id): o.merit for p in scored.proposals for o in p.options} == {
        ("A", "full"): Fraction("91.25"),
        ("B", "full"): Fraction(70),
        ("B", "descoped"): Fraction(3),
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("proposal,merit\nA,9\nX,1\n", "scores.csv:3, field proposal: there is no proposal 'X'"),
        ("proposal,merit\nA,9\nA,9\n", "scores.csv:3, field proposal: the score of A (full) was given before"),
        (
            "proposal,option,merit\nB,tiny,9\n",
            "scores.csv:2, field option: B has no option 'tiny'; it has full, descoped",
        ),
        ("proposal,merit\nA,high\n", "scores.csv:2, field merit: 'high' is not a number; write for example '8.45'"),
        ("id,merit\nA,1\n", "scores.csv:1: scores need the columns 'proposal' and 'merit'"),
    ],
)
def test_a_wrong_score_is_refused_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    scores = tmp_path / "scores.csv"
    scores.write_text(text)
    with pytest.raises(InputError) as caught:
        read_scores(scores, lander())
    assert caught.value.sentence.removeprefix(f"{tmp_path}/") == sentence
