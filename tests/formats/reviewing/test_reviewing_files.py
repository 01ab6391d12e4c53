import datetime as dt
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import moonbridge
from moonbridge.engines.reviewing.calibration import calibrate
from moonbridge.engines.reviewing.conflicts import Conflict, Ground
from moonbridge.engines.reviewing.people import Person, Reviewer, Submission
from moonbridge.engines.reviewing.synthetic import synthetic_reviews
from moonbridge.errors import InputError
from moonbridge.formats.calls.covariance import read_covariance
from moonbridge.formats.calls.scores import read_scores
from moonbridge.formats.reviewing import known, pairs, people, reviews
from moonbridge.formats.reviewing.plugins import likeness_named

NAMES = (("P1", "P2"), ("R1", "R2"))


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str, name: str = "file.csv") -> Path:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return written


def test_reviewers_are_read_with_everything_that_is_known_of_them(write) -> None:
    file = write(
        "reviewer;name;email;orcid;ror;country;kinds;least;most;keywords;texts;languages\n"
        "R1;Li Na;a@b.org;https://orcid.org/0000-0001-2345-678x;https://ror.org/05ABC;cn;engineer;1;;ice;one | two;EN\n"
        "R2;;;;;;;;;;;\n"
    )
    first = Person("Li Na", ("a@b.org",), "0000-0001-2345-678X", ("05abc",), country="CN")
    assert people.read_reviewers(file, most=6) == (
        Reviewer("R1", first, 1, 6, ("engineer",), ("ice",), ("one", "two"), ("en",)),
        Reviewer("R2", most=6),
    )


def test_proposals_are_read_with_their_teams(write) -> None:
    proposals = write("proposal,title,keywords,demand\nP1,Ice,a; b,\nP2,,,2\n")
    team = write("proposal,name,institution\nP1,Ann,X; Y\nP1,Bob,\n", "team.csv")
    assert people.read_submissions(proposals, team=team, demand=4) == (
        Submission("P1", "Ice", "", ("a", "b"), "", (Person("Ann", institutions=("X", "Y")), Person("Bob")), 4),
        Submission("P2", demand=2),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nx\n", "file.csv:1: the column 'reviewer' is missing"),
        ("reviewer,nmae\nx,y\n", "file.csv:1: unknown column 'nmae'"),
        ("reviewer\nx\nx\n", "file.csv:3, field reviewer: 'x' was given before"),
        ("reviewer,name\n,y\n", "file.csv:2, field reviewer: a reviewer has an id"),
        ("reviewer,most\nx,many\n", "file.csv:2, field most: 'many' is not a whole number"),
        ("reviewer,least\nx,9\n", "file.csv:2, field least: x would give at least 9 and at most 8"),
    ],
)
def test_a_wrong_reviewers_file_says_where(write, text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        people.read_reviewers(write(text))
    assert said in str(refused.value)


def test_pairs_are_read(write) -> None:
    assert pairs.read_bids(write("proposal,reviewer,bid\nP1,R2,Eager\n"), *NAMES) == {("P1", "R2"): "eager"}
    assert pairs.read_fit(write("proposal,reviewer,score\nP1,R2,0.25\n"), *NAMES) == {("P1", "R2"): 0.25}
    orders = write("proposal,reviewer,order\nP1,R2,must\nP2,R2,must not\n")
    assert pairs.read_orders(orders, *NAMES) == {("P1", "R2"): True, ("P2", "R2"): False}
    assert pairs.read_assigned(write("proposal,reviewer,score\nP1,R2,0.5\n"), *NAMES) == {("P1", "R2")}
    declared = write("proposal,reviewer,source,date,type,evidence\nP1,R1,team,2026-01-02,family,married\n")
    assert pairs.read_conflicts(declared, *NAMES) == (
        Conflict("P1", "R1", Ground.DECLARED_BY_TEAM, "team", "married", dt.date(2026, 1, 2), "family"),
    )


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (pairs.read_bids, "proposal,reviewer\n", "file.csv:1: the column 'bid' is missing"),
        (
            pairs.read_bids,
            "proposal,reviewer,bid\nP9,R1,eager\n",
            "file.csv:2, field proposal: there is no proposal 'P9'",
        ),
        (pairs.read_bids, "proposal,reviewer,bid\nP1,R1,maybe\n", "field bid: 'maybe' is none of: eager"),
        (pairs.read_fit, "proposal,reviewer,score\nP1,R1,1.1\n", "field score: 1.1 does not lie between 0 and 1"),
        (
            pairs.read_fit,
            "proposal,reviewer,score\nP1,R1,0\nP1,R1,1\n",
            "file.csv:3, field reviewer: P1 and R1 were given",
        ),
        (pairs.read_conflicts, "proposal,reviewer,source,date\nP1,R1,team,soon\n", "field date: 'soon' is not a date"),
    ],
)
def test_wrong_pairs_say_where(write, read, text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read(write(text), *NAMES)
    assert said in str(refused.value)


def test_an_assignment_is_read_as_it_was_written(write, tmp_path: Path) -> None:
    found = moonbridge.assign(
        moonbridge.panel([[0.1, 0.9], [0.5, 0.25]], demand=1, proposals=NAMES[0], reviewers=NAMES[1])
    )
    file = tmp_path / "assigned.csv"
    file.write_bytes(pairs.assignment_csv(found))
    assert pairs.read_assigned(file, *NAMES) == {("P1", "R2"), ("P2", "R1")}
    data = pairs.assignment_data(found)
    assert (data["total"], data["bound"], data["proven"]) == ("1.4", "1.4", True)
    assert data["pairs"][0] == {"proposal": "P1", "reviewer": "R2", "score": "0.9"}


def test_reviews_are_read_and_wrong_ones_say_where(write) -> None:
    assert reviews.read_reviews(write("proposal,reviewer,score\nP1,R1,7.5\n")) == (("P1", "R1", 7.5),)
    for text, said in (
        ("proposal,score\n", "the column 'reviewer' is missing"),
        ("proposal,reviewer,score\nP1,R1,high\n", "file.csv:2, field score"),
        ("proposal,reviewer,score\nP1,R1,1\nP1,R1,2\n", "file.csv:3, field reviewer: R1 reviewed P1 before"),
        ("proposal,reviewer,score\nP1,,1\n", "file.csv:2, field reviewer: a review names its reviewer"),
    ):
        with pytest.raises(InputError) as refused:
            reviews.read_reviews(write(text))
        assert said in str(refused.value)


def test_selection_takes_in_the_merits_and_their_covariance(tmp_path: Path) -> None:
    found = calibrate(synthetic_reviews(12, 6, 3, 1, severity=0.5)[0])
    merits, covariance = tmp_path / "merits.csv", tmp_path / "covariance.csv"
    merits.write_bytes(reviews.merits_csv(found))
    covariance.write_bytes(reviews.covariance_csv(found))
    call = moonbridge.Problem(
        (), tuple(moonbridge.Proposal(name, (moonbridge.Option("full", Fraction(0), {}),)) for name in found.proposals)
    )
    scored = read_scores(merits, call)
    taken = [float(proposal.options[0].merit) for proposal in scored.proposals]
    assert np.allclose(taken, found.merit, atol=1e-6)
    assert np.allclose(read_covariance(covariance, scored), found.covariance, atol=1e-11)


def test_an_unknown_comparison_of_texts_says_which_there_are() -> None:
    with pytest.raises(InputError, match="there is words"):
        likeness_named("minds")


def test_lists_by_which_conflicts_are_detected(write) -> None:
    parents = write("ror,parent\nhttps://ror.org/01ABC,02def\n01abc,03ghi\n", "parents.csv")
    assert known.read_parents(parents) == {"01abc": ("02def", "03ghi")}
    papers = write(
        "paper,year,authors\nX,2025,0000-0001-5109-3700; https://orcid.org/0000-0002-1825-009x\nX,2025,A\n",
        "papers.csv",
    )
    [paper] = known.read_papers(papers)
    assert (paper.id, paper.year) == ("X", 2025)
    assert paper.authors == {"0000-0001-5109-3700", "0000-0002-1825-009X", "A"}
    teams = write("team,member\nOld,li@pku.edu.cn;ann@esa.int\nOld,bob@esa.int\n", "teams.csv")
    assert known.read_teams(teams) == {"Old": frozenset({"li@pku.edu.cn", "ann@esa.int", "bob@esa.int"})}


@pytest.mark.parametrize(
    ("reader", "text", "said"),
    [
        ("read_parents", "ror\n1\n", "'parent' is missing"),
        ("read_parents", "ror,parent\n01a,\n", "2, field parent: is empty"),
        ("read_papers", "paper,year,authors\nX,soon,A\n", "not a whole number"),
        ("read_papers", "paper,year,authors\nX,2024,A\nX,2025,B\n", "appeared in 2024"),
        ("read_teams", "team,member\n,a\n", "field team: is empty"),
    ],
)
def test_what_is_wrong_with_such_a_list_is_said_with_its_place(write, reader, text, said) -> None:
    with pytest.raises(InputError, match=said):
        getattr(known, reader)(write(text))
