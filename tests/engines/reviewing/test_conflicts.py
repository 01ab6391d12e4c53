import datetime as dt

import numpy as np
import pytest

from moonbridge.engines.reviewing.conflicts import Conflict, Detector, Ground, barred, rechecked
from moonbridge.engines.reviewing.mail_hosts import HOSTS
from moonbridge.engines.reviewing.names import close
from moonbridge.engines.reviewing.people import Known, Paper, Person, Reviewer, Submission

TODAY = dt.date(2026, 11, 21)


def found(
    reviewer: Person, member: Person, known: Known | None = None, on: dt.date = TODAY
) -> dict[Ground, tuple[str, bool]]:
    conflicts = Detector(on, known or Known()).detect([Reviewer("R", reviewer)], [Submission("P", team=(member,))])
    assert {(one.reviewer, one.proposal, one.date, one.source) for one in conflicts} <= {("R", "P", on, "detected")}
    return {one.ground: (one.evidence, one.certain) for one in conflicts}


def mails(one: str, other: str) -> bool:
    return Ground.MAIL_DOMAIN in found(Person(emails=(one,)), Person(emails=(other,)))


def test_the_same_domain_or_one_below_the_other_is_a_conflict() -> None:
    assert mails("a@geo.pku.edu.cn", "b@pku.edu.cn")
    assert mails("a@PKU.edu.cn", "b@geo.pku.edu.cn")
    assert mails("a@geo.pku.edu.cn", "b@phy.pku.edu.cn")
    assert not mails("a@pku.edu.cn", "b@hku.edu.cn")
    assert not mails("a@pku.edu.cn", "b@notpku.edu.cn")


@pytest.mark.parametrize(
    "sector",
    [
        "edu.tr",
        "ac.ke",
        "edu.eg",
        "edu.sa",
        "ac.nz",
        "edu.hk",
        "edu.ar",
        "ac.id",
        "edu.my",
        "gov.za",
        "go.th",
        "gob.mx",
    ],
)
def test_institutes_of_one_country_are_no_neighbours(sector: str) -> None:
    assert not mails(f"a@one.{sector}", f"b@two.{sector}")
    assert not mails(f"a@{sector}", f"b@two.{sector}")
    assert mails(f"a@lab.one.{sector}", f"b@one.{sector}")


def test_a_sector_is_one_only_right_under_a_country() -> None:
    assert mails("a@x.edu.com", "b@y.edu.com")
    assert mails("a@x.iki.fi", "b@y.iki.fi")
    assert mails("a@x.int.tr", "b@y.int.tr")


@pytest.mark.parametrize("host", ["gmail.com", "163.com", "vip.163.com", "qq.com", "mail.ru"])
def test_hosts_that_anybody_may_use_say_nothing(host: str) -> None:
    assert host in HOSTS
    assert not mails(f"a@{host}", f"b@{host}")


def test_each_detected_ground_has_its_evidence() -> None:
    parents = {"05x": ("01root",), "06y": ("02mid",), "02mid": ("01root",)}
    known = Known(
        parents=parents,
        papers=(Paper("doi:1", 2024, frozenset({"0-1", "0-2"})), Paper("doi:2", 2019, frozenset({"0-1", "0-3"}))),
        teams={"CE-7 camera": frozenset({"0-1", "old@mates.org"})},
    )
    reviewer = Person("Li Na", ("li@a.org",), "0-1", ("05x",), ("Institut für Optik",), "CN", "CNSA", ("NSFC 42",))

    def ground(member: Person) -> dict[Ground, tuple[str, bool]]:
        return found(reviewer, member, known)

    assert ground(Person(rors=("06y",))) == {Ground.PARENT: ("06y under 01root / 05x under 01root", True)}
    assert ground(Person(orcid="0-2")) == {Ground.COAUTHORS: ("doi:1 (2024)", True)}
    assert ground(Person(orcid="0-3")) == {}  # the paper is too old
    assert ground(Person("B", institutions=("institut fur  optik",))) == {
        Ground.INSTITUTION: ("B: institut fur  optik / Institut für Optik", True)
    }
    assert ground(Person(agency="cnsa")) == {Ground.AGENCY: ("cnsa / CNSA", True)}
    assert ground(Person(funding=("NSFC 42", "ERC 7"))) == {Ground.FUNDING: ("NSFC 42", True)}
    assert ground(Person(emails=("OLD@mates.org",))) == {Ground.TEAM_MATES: ("CE-7 camera", True)}
    assert Ground.SELF in ground(Person(orcid="0-1"))
    assert ground(Person("N. Li")) == {Ground.NAME: ("N. Li: N. Li / Li Na", False)}
    assert ground(Person(country="CN")) == {}  # a country is no conflict; its agency is


def test_each_tie_is_told_so_that_one_taken_back_leaves_the_other() -> None:
    known = Known(papers=tuple(Paper(name, 2025, frozenset({"R", name})) for name in ("p1", "p2")))
    team = (Person("Bob", orcid="p1"), Person("Cem", orcid="p2"))
    told = Detector(TODAY, known).detect([Reviewer("R", Person(orcid="R"))], [Submission("P", team=team)])
    assert [one.evidence for one in told] == ["Bob: p1 (2025)", "Cem: p2 (2025)"]


def test_papers_count_for_as_many_years_as_the_call_says() -> None:
    known = Known(papers=(Paper("doi:1", 2019, frozenset({"0-1", "0-2"})),))
    pair = [Reviewer("R", Person(orcid="0-1"))], [Submission("P", team=(Person(orcid="0-2"),))]
    assert Detector(TODAY, known).detect(*pair) == ()
    assert len(Detector(TODAY, known, years=7).detect(*pair)) == 1


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        ("Zhang, Xiao-Ming", "Xiaoming Zhang", True),
        ("X. Zhang", "Xiaoming Zhang", True),
        ("Zhang X M", "Xiaoming Zhang", True),
        ("Xiao Ming Zhang", "Zhang Xiaoming", True),
        ("José Núñez", "Nunez Jose", True),
        ("Søren Łuk", "Soren Luk", True),
        ("李娜", "李娜", True),
        ("李娜", "李明", False),
        ("Xiaohong Zhang", "Xiaoming Zhang", False),
        ("Y. Zhang", "Xiaoming Zhang", False),
        ("Zhang", "Xiaoming Zhang", False),
        ("", "", False),
    ],
)
def test_names_are_close_whatever_their_order_marks_and_initials(one: str, other: str, are: bool) -> None:
    assert close(one, other) is are
    assert close(other, one) is are


def test_conflicts_bar_their_pairs() -> None:
    conflict = Conflict("B", "y", Ground.PINNED, "office", "", TODAY)
    assert barred([conflict], ["A", "B"], ["x", "y"]).tolist() == [[False, False], [False, True]]
    assert not np.any(barred([conflict], ["A"], ["y"]))


def test_a_change_of_affiliation_after_assignment_shows_the_pairs_that_it_breaks() -> None:
    team = (Submission("P", team=(Person(emails=("b@tum.de",)),)), Submission("Q"))
    before = Detector(TODAY).detect([Reviewer("R", Person(emails=("a@esa.int",)))], team)
    later = dt.date(2026, 12, 1)
    after = Detector(later).detect([Reviewer("R", Person(emails=("a@tum.de",)))], team)
    changed = rechecked(before, after, [("P", "R"), ("Q", "R")])
    assert [(one.proposal, one.reviewer, one.ground) for one in changed.broken] == [("P", "R", Ground.MAIL_DOMAIN)]
    assert changed.gone == ()
    assert rechecked(after, before).gone == after
    assert rechecked(after, after, [("P", "R")]).new == ()
