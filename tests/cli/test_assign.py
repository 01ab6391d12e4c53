"""The commands as a person meets them: a process of its own, files in, tables and JSON out."""

import inspect
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cli.test_select import moonbridge
from moonbridge.cli.assign import assign
from moonbridge.engines.reviewing.conflicts import COAUTHOR_YEARS

REVIEWERS = """reviewer,name,email,country,kinds,keywords
li,Li Na,li@pku.edu.cn,CN,engineer,ice
ann,Ann Ray,ann@esa.int,FR,,ice;dust
bob,Bob Lee,bob@esa.int,DE,,dust
eve,Eve Fox,eve@gmail.com,BR,engineer,dust
"""
PROPOSALS = "proposal,title,keywords\nP1,Ice drill,ice\nP2,Dust trap,dust\n"
TEAM = "proposal,name,email\nP1,Chen Bo,chen@geo.pku.edu.cn\nP2,Eva Ruiz,eva@gmail.com\n"
SCORES = "proposal,reviewer,score\n" + "".join(
    f"P{p},R{r},{60 + 5 * p - (12 if r == 1 else 0) + (p * r) % 3}\n" for p in range(6) for r in range(4) if (p + r) % 4
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("reviewers", REVIEWERS), ("proposals", PROPOSALS), ("team", TEAM), ("scores", SCORES)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_an_assignment_keeps_conflicts_and_quotas_and_is_proven(files: Path) -> None:
    asked = (files / "reviewers.csv", files / "proposals.csv", "--team", files / "team.csv", "--demand", 2)
    quotas = ("--quota", "engineer>=1", "--quota", "country<=1", "--on", "2026-11-21")
    data = json.loads(moonbridge("assign", *asked, *quotas, "--alternates", 1, "--json").stdout)
    pairs = {(pair["proposal"], pair["reviewer"]) for pair in data["pairs"]}
    # Li Na is from the team's university; each proposal needs an engineer; for P1 Ann fits best, for P2 Ann, Bob and Eve equally.
    assert {("P1", "ann"), ("P1", "eve")} < pairs
    assert sum(reviewer in {"li", "eve"} for proposal, reviewer in pairs if proposal == "P2") >= 1
    assert data["proven"]
    assert data["conflicts"] == [
        {
            "proposal": "P1",
            "reviewer": "li",
            "ground": "same mail domain",
            "source": "detected",
            "evidence": "Chen Bo: geo.pku.edu.cn / pku.edu.cn",
            "date": "2026-11-21",
            "type": "",
            "certain": True,
        }
    ]
    shown = moonbridge("assign", *asked, *quotas, "--alternates", 1).stdout.splitlines()
    assert shown[0].split() == ["proposal", "reviewers", "may", "step", "in"]
    assert shown[-1].startswith("4 reviews of 2 proposals, 1 pairs barred by conflicts; total ")
    assert shown[-1].endswith("proven: nothing is better.")


def test_a_paper_together_counts_for_as_many_years_as_asked(files: Path) -> None:
    known = {"one": "0000-0002-1825-0097", "other": "0000-0001-5109-3700"}
    (files / "r.csv").write_text(f"reviewer,orcid\none,{known['one']}\n", encoding="utf-8")
    (files / "t.csv").write_text(f"proposal,orcid\nP1,{known['other']}\n", encoding="utf-8")
    (files / "papers.csv").write_text(f"paper,year,authors\np,2020,{'; '.join(known.values())}\n", encoding="utf-8")
    asked = [
        "assign",
        files / "r.csv",
        files / "proposals.csv",
        "--team",
        files / "t.csv",
        "--papers",
        files / "papers.csv",
    ]
    asked += ["--demand", 0, "--on", "2026-11-21", "--json"]
    found = {
        years: json.loads(moonbridge(*asked, *years).stdout)["conflicts"]
        for years in ((), ("--years", 5), ("--years", 6))
    }
    assert [len(conflicts) for conflicts in found.values()] == [0, 0, 1]
    assert inspect.signature(assign).parameters["years"].default == COAUTHOR_YEARS


def test_a_terminal_is_told_how_far_the_work_is_and_a_pipe_is_not(files: Path) -> None:
    asked = ("assign", files / "reviewers.csv", files / "proposals.csv", "--demand", 2)
    assert moonbridge(*asked).stderr == ""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from moonbridge.cli import main; main()", *map(str, asked)]
    done = subprocess.run(
        command, stderr=theirs, stdout=subprocess.PIPE, check=True, env=os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    )
    os.close(theirs)
    said = os.read(ours, 65536).decode()
    os.close(ours)
    assert "assigning" in said
    assert "assigning" not in done.stdout.decode()
    assert done.stdout.decode() == moonbridge(*asked).stdout


def test_what_cannot_be_done_is_explained_in_both_languages(files: Path) -> None:
    asked = (files / "reviewers.csv", files / "proposals.csv", "--team", files / "team.csv", "--demand", 4)
    said = moonbridge("assign", *asked, code=1).stderr
    assert said == (
        "moonbridge: Proposal P1 needs 4 reviews, but has 3 non-conflicted reviewers (ann, bob, eve), "
        "who can give at most 3.\n"
    )
    assert "申请 P1 需要 4 份评审" in moonbridge("assign", *asked, "--language", "zh", code=1).stderr


def test_an_existing_assignment_changes_as_little_as_possible(files: Path) -> None:
    asked = (files / "reviewers.csv", files / "proposals.csv", "--demand", 2)
    moonbridge("assign", *asked, "--output", files / "first.csv")
    before = (files / "first.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    proposal, reviewer, _ = before[0].split(",")
    (files / "orders.csv").write_text(f"proposal,reviewer,order\n{proposal},{reviewer},must not\n", encoding="utf-8")
    moonbridge(
        "assign",
        *asked,
        "--existing",
        files / "first.csv",
        "--orders",
        files / "orders.csv",
        "--output",
        files / "new.csv",
    )
    after = (files / "new.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert len(set(before) - set(after)) == 1


def test_a_draw_is_the_same_under_the_same_seed(files: Path) -> None:
    asked = ("assign", files / "reviewers.csv", files / "proposals.csv", "--demand", 2, "--cap", "0.7", "--seed", 3)
    first, second = (moonbridge(*asked).stdout for _ in range(2))
    assert first == second
    assert first.splitlines()[-1].endswith("; drawn at random.")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--quota", "pilots>=1"), "no reviewer is of the kind 'pilots'"),
        (("--quota", "country>=1"), "how many of one country there are at most"),
        (("--quota", "some"), "is no quota"),
        (("--cap", "half"), "'half' is not a probability"),
        (("--cap", "0.5", "--aim", "floor"), "a draw has the greatest expected total"),
        (("--language", "fr"), "en or zh"),
        (("--on", "soon"), "is not a date"),
        (("--likeness", "minds"), "no package offers"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(files: Path, options: tuple[str, ...], said: str) -> None:
    assert said in moonbridge("assign", files / "reviewers.csv", files / "proposals.csv", *options, code=2).stderr


def test_scores_are_calibrated_and_written_for_selection(files: Path) -> None:
    outputs = ("--merits", files / "merits.csv", "--covariance", files / "covariance.csv")
    shown = moonbridge("calibrate", files / "scores.csv", *outputs).stdout
    assert shown.splitlines()[0].split() == ["proposal", "merit", "doubt", "raw", "mean", "reviews"]
    assert "Of a score's variance, " in shown
    assert (files / "merits.csv").read_text(encoding="utf-8-sig").startswith("proposal,merit,doubt,raw mean")
    data = json.loads(moonbridge("calibrate", files / "scores.csv", "--json").stdout)
    severity = {one["reviewer"]: one["severity"] for one in data["reviewers"]}
    assert max(severity, key=lambda name: severity[name]) == "R1"
    # P0 has the reviews of R1, R2 and R3: 48, 60 and 60.
    assert data["proposals"][0]["raw_mean"] == 56.0


def test_conflicts_are_detected_by_lists_too(files: Path) -> None:
    reviewers = "reviewer,orcid,ror,email\npaper,0000-0001-5109-3700,,\nroof,,02bbb,\nmate,,,mate@x.test\nfree,,,\n"
    lists = {
        "reviewers": reviewers,
        "team": "proposal,name,email,orcid,ror\nP1,Chen Bo,chen@y.test,0000-0002-1825-0097,01aaa\n",
        "parents": "ror,parent\n01aaa,09zzz\n02bbb,09zzz\n",
        "papers": "paper,year,authors\n10.1/x,2025,0000-0002-1825-0097; 0000-0001-5109-3700\n",
        "teams": "team,member\nOld,mate@x.test; chen@y.test\n",
    }
    for name, text in lists.items():
        (files / f"{name}.csv").write_text(text, encoding="utf-8")
    given = [part for name in ("team", "parents", "papers", "teams") for part in (f"--{name}", files / f"{name}.csv")]
    asked = (files / "reviewers.csv", files / "proposals.csv", *given, "--demand", 1, "--on", "2026-11-21", "--json")
    found = json.loads(moonbridge("assign", *asked).stdout)
    assert {(one["reviewer"], one["ground"]) for one in found["conflicts"]} == {
        ("paper", "co-authors"), ("roof", "same parent organisation"), ("mate", "earlier team mates")
    }  # fmt: skip
    assert [one["reviewer"] for one in found["pairs"] if one["proposal"] == "P1"] == ["free"]
