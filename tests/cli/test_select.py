"""The command as a person and as a script meet it: a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from moonbridge.engines.selection.rules import Breadth
from moonbridge.engines.selection.synthetic import synthetic_call
from moonbridge.formats.calls.write import call_data

EXAMPLE = Path(__file__).parents[2] / "examples" / "change8.toml"


def moonbridge(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from moonbridge.cli import main; main()", *map(str, arguments)]
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"} | {
        "NO_COLOR": "1"
    }
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert done.returncode == code, done.stderr
    return done


def test_the_chang_e_8_example_prints_the_portfolio_and_labels_what_is_synthetic() -> None:
    shown = moonbridge("select", EXAMPLE).stdout
    assert "Contains synthetic entries: they are not real." in shown
    rows = [line for line in shown.splitlines() if line.startswith("S")]
    assert len(rows) == 11
    assert all("· synthetic" in row for row in rows)
    assert "lander mass                  188.9 kg    200 kg  ██████████████████░░ 94 %" in shown
    assert "lander power (synthetic)        334 W     360 W  ██████████████████░░ 92 %" in shown
    assert shown.splitlines()[-1] == "11 of 14 proposals selected, merit 832.5, proven: no portfolio is worth more."


def test_json_is_the_same_twice_and_says_all() -> None:
    first, second = (moonbridge("select", EXAMPLE, "--json", "--explain", "S10").stdout for _ in range(2))
    assert first == second
    data = json.loads(first)
    assert (data["value"], data["proven"], data["synthetic"]) == ("832.5", True, True)
    mass = data["usage"][0]
    assert (mass["used"], mass["usable"], mass["base_unit"], mass["used_text"]) == (
        188_900_000,
        200_000_000,
        "mg",
        "188.9 kg",
    )
    reason = data["explanations"]["S10"]
    assert (reason["reason"], reason["because"]) == (
        "impossible",
        ["lander mass offers 200 kg in all, and at most 100 kg to one item"],
    )


def test_explanations_come_in_both_languages() -> None:
    english = moonbridge("select", EXAMPLE, "--explain", "S01").stdout.splitlines()[-1]
    chinese = moonbridge("select", EXAMPLE, "--explain", "S01", "--language", "zh").stdout.splitlines()[-1]
    assert english.startswith("S01 is selected (option descoped, merit 81).")
    assert chinese.startswith("S01 入选（方案 descoped，得分 81）。")


def test_scores_of_a_file_replace_those_of_the_call(tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    scores.write_text("proposal,merit\nS13,999\n")
    choices = json.loads(moonbridge("select", EXAMPLE, "--scores", scores, "--json").stdout)["choices"]
    assert "S13" in choices
    assert "S04" not in choices  # it interferes with S13


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("nowhere.toml",), 2, "moonbridge: nowhere.toml: cannot be opened: No such file or directory"),
        ((EXAMPLE, "--explain", "S99"), 2, "moonbridge: field --explain: the call has no proposal 'S99'"),
        (
            (EXAMPLE, "--language", "xx"),
            2,
            "moonbridge: field --language: explanations are written in en or zh, not in 'xx'",
        ),
    ],
)
def test_bad_input_is_one_clear_sentence_and_a_non_zero_exit(
    arguments: tuple[object, ...], code: int, sentence: str
) -> None:
    done = moonbridge("select", *arguments, code=code)
    assert (done.stdout, done.stderr.strip()) == ("", sentence)


def test_rules_that_cannot_be_kept_together_are_named(tmp_path: Path) -> None:
    call = tmp_path / "call.toml"
    call.write_text(EXAMPLE.read_text().replace("at_least = 7", "at_least = 17"))
    done = moonbridge("select", call, code=1)
    assert done.stderr.strip() == (
        "moonbridge: no portfolio can keep all of these together: number of different country partners: at least 17"
    )


def test_scenarios_are_tables_for_people_and_rows_for_programs(tmp_path: Path) -> None:
    asked = ("--what-if", "mass+20kg", "--steps", "mass+20kg", "--frontier", "partners", "--near", "3", "--reserve")
    shown = moonbridge("select", EXAMPLE, *asked).stdout
    assert "Reserve, in this order: S14" in shown
    data = json.loads(moonbridge("select", EXAMPLE, *asked, "--json").stdout)
    assert data["what_if"] == [
        {"change": "mass+20kg", "merit": "849.75", "more": "17.25", "in": "S04 (full)", "out": "S04 (single-antenna)"}
    ]
    assert [(row["capacity"], row["added"], row["more"]) for row in data["steps"]] == [
        ("200 kg", "0 kg", "0"),
        ("201.9 kg", "1.9 kg", "17.25"),
    ]
    assert [(row["partners"], row["merit"]) for row in data["frontier"]] == [("11", "832.5"), ("12", "825")]
    assert [row["merit"] for row in data["near"]] == ["832.5", "829.5"]
    assert {row["if lost"] for row in data["reserve"]} == data["choices"].keys()


TIERS = """
[[limits]]
element = "lander"
resource = "mass"
total = "10 kg"
""" + "".join(
    f"""
[[proposals]]
id = "{name}"
tier = {tier}
merit = {merit}
doubt = 1
asks.lander = {{ mass = "{kg} kg" }}
"""
    for name, tier, merit, kg in (("A", 1, 50, 6), ("B", 2, 40, 4), ("C", 2, 30, 3), ("D", 1, 45, 5), ("E", 2, 30, 2))
)
"""A takes most of 10 kg and B the rest; with 11 kg both of the first tier fly, and nobody of the second."""


def test_tiers_have_a_column_each_and_every_question_is_answered(tmp_path: Path) -> None:
    call = tmp_path / "call.toml"
    call.write_text(TIERS)
    asked = ("--what-if", "mass+1kg", "--steps", "mass+3kg", "--frontier", "unused mass", "--near", "10", "--prices")
    asked += ("--robust", "--draws", "20", "--html", str(tmp_path / "report.html"))
    data = json.loads(moonbridge("select", call, *asked, "--json").stdout)
    assert data["choices"].keys() == {"A", "B"}
    merits = {
        key: [(row["merit in tier 1"], row["merit in tier 2"]) for row in data[key]]
        for key in ("what_if", "steps", "frontier", "near")
    }
    assert merits == {
        "what_if": [("95", "0")],
        "steps": [("50", "40"), ("95", "0"), ("95", "30")],
        "frontier": [("50", "40"), ("50", "30"), ("50", "0"), ("45", "0"), ("0", "40"), ("0", "30"), ("0", "0")],
        "near": [("50", "40"), ("50", "30"), ("50", "30")],
    }
    assert [row["unused mass"] for row in data["frontier"]] == [f"{kg} kg" for kg in (0, 2, 4, 5, 6, 8, 10)]
    assert data["steps"][1]["more"] == "45 (tier 1), -40 (tier 2)"
    assert data["hedges"][1]["reaches"] == data["hedges"][1]["bound"]
    assert {row["proposal"]: row["value"][-8:] for row in data["doubts"]}["B"] == "(tier 2)"
    page = (tmp_path / "report.html").read_text()
    assert "2 of 5 proposals selected, merit 50 (tier 1), 40 (tier 2), proven" in page
    assert "a larger merit in an earlier one comes before all merit in later ones" in page


HYPHENS = """
title = "A tug with a hyphen"
[[limits]]
element = "service-module"
resource = "mass"
total = "10 kg"
[[proposals]]
id = "A"
merit = 5
groups = ["country:A"]
asks."service-module" = { mass = "10 kg" }
[[proposals]]
id = "B"
merit = 3
groups = ["country:B"]
asks."service-module" = { mass = "5 kg" }
[[rules]]
rule = "count"
group = "country:A"
at_least = 1
"""


def test_a_change_that_leaves_no_portfolio_is_said_and_the_other_changes_are_answered(tmp_path: Path) -> None:
    call = tmp_path / "call.toml"
    call.write_text(HYPHENS)
    asked = ("--what-if", "service-module mass+5kg", "--what-if", "service-module mass-5 kg", "--reserve")
    shown = moonbridge("select", call, *asked).stdout
    assert "No portfolio keeps all rules with service-module mass-5 kg." in shown
    assert "no portfolio keeps all rules while everybody else stays: choose anew" in shown
    data = json.loads(moonbridge("select", call, *asked, "--json").stdout)
    assert [(row["merit"], row["more"], row["in"]) for row in data["what_if"]] == [("8", "3", "B (full)"), ("", "", "")]
    steps = json.loads(moonbridge("select", call, "--steps", "service-module mass+20kg", "--json").stdout)["steps"]
    assert [(row["added"], row["more"]) for row in steps] == [("0 kg", "0"), ("5 kg", "3")]


def test_robust_draws_need_doubts_and_are_repeatable(tmp_path: Path) -> None:
    assert "there is nothing to draw" in moonbridge("select", EXAMPLE, "--robust", code=2).stderr
    call = tmp_path / "call.toml"
    call.write_text(EXAMPLE.read_text().replace("merit = 85.5", "merit = 85.5\ndoubt = 20"))
    first, second = (moonbridge("select", call, "--robust", "--draws", 60, "--json").stdout for _ in range(2))
    assert first == second
    covariance = tmp_path / "covariance.csv"
    covariance.write_text("proposal,S11\nS11,400\n")
    given = moonbridge("select", call, "--robust", "--draws", 60, "--covariance", covariance, "--json").stdout
    assert given == first
    parts = {row["proposal"]: float(row["part"]) for row in json.loads(first)["robust"]}
    assert 0.5 < parts["S11"] < 1
    assert parts["S10"] == 0


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--what-if", "mass", "field --what-if: 'mass' is no change; write for example 'lander mass+5kg'"),
        (
            "--what-if",
            "soil+1g",
            "field --what-if: 'soil' is not one limit of the call; it has lander mass, lander power, lander data",
        ),
        (
            "--steps",
            "mass-5kg",
            "field --steps: what more would buy begins with more: write for example 'lander mass+20kg'",
        ),
        (
            "--frontier",
            "colour",
            "field --frontier: the call has no kind or group 'colour'; 'partners' counts countries",
        ),
        ("--near", "much", "field --near: 'much' is not a number; write for example '8.45'"),
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused(option: str, value: str, sentence: str) -> None:
    assert moonbridge("select", EXAMPLE, option, value, code=2).stderr.strip() == f"moonbridge: {sentence}"


def test_a_reader_that_leaves_early_causes_no_complaint() -> None:
    command = f"{sys.executable} -c 'from moonbridge.cli import main; main()' select {EXAMPLE} --json | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("{", "")


def test_help_starts_without_django_or_the_solver() -> None:
    script = (
        "import sys; sys.argv = ['moonbridge', '--help']\n"
        "from moonbridge.cli import main\n"
        "try: main()\n"
        "finally: print(sorted({'django', 'ortools', 'numpy', 'rich'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")
    assert "select" in done.stdout


def test_select_itself_never_imports_django() -> None:
    script = (
        f"import sys; sys.argv = ['moonbridge', 'select', {str(EXAMPLE)!r}]\n"
        "from moonbridge.cli import main\n"
        "try: main()\n"
        "finally: print('django' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (0, "False")


def test_fairness_prices_and_doubts_are_tables_for_people_and_rows_for_programs(tmp_path: Path) -> None:
    call = tmp_path / "call.toml"
    call.write_text(EXAMPLE.read_text().replace("merit = 85.5", "merit = 85.5\ndoubt = 20"))
    asked = ("--fairness", "theme", "--prices", "--robust", "--draws", "20")
    shown = moonbridge("select", call, *asked).stdout
    assert "Another review is worth most for S11: to know its merit exactly would gain 4.783 of merit" in shown
    assert "To know all merits beforehand would gain " in shown
    assert "Portfolios against doubt, of all that keep the rules" in shown
    assert "How far from proportional by theme (0 is proportional)" in shown
    data = json.loads(moonbridge("select", call, *asked, "--json").stdout)
    assert [row["reaches"] for row in data["hedges"]] == [row["bound"] for row in data["hedges"]]
    assert data["doubts"] == [{"proposal": "S11", "doubt": "20", "distance": "7.5", "value": "4.783"}]
    assert {row["what"] for row in data["fairness"]} == {"places", "merit", "mass", "power", "data"}
    assert [row["what"] for row in data["indices"]] == ["places", "merit", "mass", "power", "data"]
    assert [row["price"] for row in data["prices"]] == ["0", "0", "0", "0"]
    first = next(row for row in data["envy"] if row["group"] == "theme:resources")
    assert {
        "group": "theme:resources",
        "envies": "theme:robot",
        "now": "0.00",
        "then": "80.50",
    }.items() <= first.items()


def test_merit_by_size_is_said_and_shown(tmp_path: Path) -> None:
    call = tmp_path / "call.toml"
    call.write_text(
        EXAMPLE.read_text().replace(
            "[[limits]]", '[weighting]\nexponent = "3/4"\nreference = { mass = "20 kg" }\n\n[[limits]]', 1
        )
    )
    shown = moonbridge("select", call).stdout
    assert (
        "merit counts by size: it is multiplied by (size / reference)^3/4, rounded to hundredths; reference: mass"
        in shown
    )
    data = json.loads(moonbridge("select", call, "--json").stdout)
    assert data["weights"]["S02"] == "1.52"
    assert data["weighting"] == [
        "merit counts by size: it is multiplied by (size / reference)^3/4, rounded to hundredths; reference: mass 20 kg"
    ]


def test_a_report_is_written_in_the_language_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    moonbridge("select", EXAMPLE, "--frontier", "partners", "--html", file, "--language", "zh")
    page = file.read_text()
    assert page.startswith('<!doctype html>\n<html lang="zh-Hans">')
    assert page.count("<h3>") == 14
    refused = moonbridge("select", EXAMPLE, "--html", EXAMPLE, code=2).stderr.strip()
    assert refused == f"moonbridge: {EXAMPLE}, field --html: a report is an .html file"


def test_a_portfolio_without_proof_is_shown_before_its_reasons_are_refused(tmp_path: Path) -> None:
    call = tmp_path / "call.json"
    large = synthetic_call(1000, 0)
    lenient = large.without_rules(*(rule for rule in large.rules if isinstance(rule, Breadth)))
    call.write_text(json.dumps(call_data(lenient)))
    done = moonbridge("select", call, "--explain", "P0001", "--time-limit", "0.1", code=1)
    assert "the best found in the time given; no portfolio exceeds" in done.stdout
    assert done.stderr.strip() == "moonbridge: only a proven portfolio can be explained; allow more time"
