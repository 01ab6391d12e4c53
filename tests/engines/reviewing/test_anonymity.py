"""What tells who wrote a text: each rule on sentences that a person has judged, and what must not be found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonbridge.engines.reviewing.anonymity import Finding, Identity, Kind, Passage, find

TEAM = Identity(
    people=("Zhang Xiao-Ming", "张晓明", "Li Na", "Éva O'Brien-Kovács", "Xavier van der Berg", "สมชาย ใจดี", "Müller"),
    emails=("xmzhang@nssc.example.cn", "lina@gmail.com"),
    institutions=(
        "National Space Science Center (NSSC), Chinese Academy of Sciences",
        "University of Bern", "中国科学院国家空间科学中心", "An institute",
    ),
    agencies=("European Space Agency", "ESA"),
)  # fmt: skip


def found(text: str, identity: Identity = TEAM) -> dict[str, bool]:
    return {one.found: one.certain for one in find(identity, [Passage("abstract", "Abstract", text)])}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Proposed by Xiaoming Zhang.", "Xiaoming Zhang"),
        ("by ZHANG, Xiao-Ming and others", "ZHANG, Xiao-Ming"),
        ("by Xiao Ming\nZhang", "Xiao Ming Zhang"),
        ("as X. Zhang showed", "X. Zhang"),
        ("as X.-M. Zhang showed", "X.-M. Zhang"),
        ("as XM Zhang showed", "XM Zhang"),
        ("as Zhang XM showed", "Zhang XM"),
        ("led by Li Na at first", "Li Na"),
        ("led by eva obrien kovacs", "eva obrien kovacs"),
        ("led by O’Brien‐Kovács É.", "O’Brien‐Kovács É"),
        ("after X. van der Berg", "X. van der Berg"),
        ("由张晓明提出", "张晓明"),
        ("由张 晓明提出", "张 晓明"),
        ("write to xmzhang@nssc.example.cn now", "xmzhang@nssc.example.cn"),
        ("write to other@lab.nssc.example.cn now", "other@lab.nssc.example.cn"),
        ("data at https://www.nssc.example.cn/x", "nssc.example.cn"),
        ("see 0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("made at the national space science\ncenter", "national space science center"),
        ("of the Chinese Academy of Sciences", "Chinese Academy of Sciences"),
        ("built at NSSC", "NSSC"),
        ("the UNIVERSITY  OF BERN", "UNIVERSITY OF BERN"),
        ("由中国科学院国家空间科学中心研制", "中国科学院国家空间科学中心"),
        ("as in our previous work [12]", "our previous work [12]"),
        ("our earlier spectrometer study (Li et al., 2020a)", "our earlier spectrometer study (Li et al., 2020a)"),
        ("we have previously flown such a sensor [3, 4]", "we have previously flown such a sensor [3, 4]"),
    ],
)
def test_what_is_certain_to_tell(text: str, told: str) -> None:
    assert found(text).get(told) is True, found(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("the Zhang effect", "Zhang"),
        ("the Müller matrix", "Müller"),
        ("write to somebody@else.example", "somebody@else.example"),
        ("with the European Space Agency", "European Space Agency"),
        ("an ESA receiver", "ESA"),
        ("our earlier instruments", "our earlier instruments"),
        ("tested in our laboratory", "our laboratory"),
        ("we have previously flown two", "we have previously flown"),
        ("我们之前的工作表明", "我们之前的工作"),
        ("dans nos travaux antérieurs", "nos travaux antérieurs"),
    ],
)
def test_what_somebody_should_look_at(text: str, told: str) -> None:
    assert found(text) == {told: False}


@pytest.mark.parametrize(
    "text",
    [
        "A li-ion battery of na li kind; xiaoming alone; the mueller matrix.",
        "An institute of any kind may build it; universities and academies too.",
        "Lithe ESAs; nssc is not written like this; the zhang effect.",
        "0000-0002-1825-0098 has a wrong check digit, and 12345-0000-0002-1825-0097 is longer.",
        "Earlier work [12] has shown it; previous missions (2020) measured less; their laboratory closed.",
        "晓明的 and 张 are not the name; 我们提出一种仪器。",
        "",
    ],
)
def test_what_tells_nothing(text: str) -> None:
    assert found(text) == {}


def test_a_finding_says_where_how_often_and_in_which_words() -> None:
    text = "x" * 200 + " Li Na and once more Li  Na. " + "y" * 200
    (one,) = find(TEAM, [Passage("abstract", "Abstract", "nothing"), Passage("file:1", "Annex", text)])
    assert (one.key, one.where, one.kind, one.found, one.times) == ("file:1", "Annex", Kind.NAME, "Li Na", 2)
    assert one.excerpt == f"… {'x' * 59} Li Na and once more Li Na. {'y' * 37} …"


def test_another_place_or_number_is_another_finding_and_case_is_not() -> None:
    def digest(text: str, key: str = "abstract") -> str:
        (one,) = find(TEAM, [Passage(key, key.title(), text)])
        return one.digest

    assert digest("by Xiaoming Zhang") == digest("and XIAOMING ZHANG too")
    assert (
        len({digest("Xiaoming Zhang"), digest("Xiaoming Zhang", "title"), digest("Xiaoming Zhang and Xiaoming Zhang")})
        == 3
    )


def test_an_acronym_that_nobody_wrote_is_only_a_guess() -> None:
    team = Identity(institutions=("Institute of Geology and Geophysics",))
    assert found("at IGG; igg", team) == {"IGG": False}
    assert found("at GEOMAR", Identity(institutions=("GEOMAR",))) == {"GEOMAR": True}


def test_addresses_at_hosts_that_anybody_uses_tell_only_in_full() -> None:
    assert found("lina@gmail.com and nobody@gmail.com and gmail.com") == {
        "lina@gmail.com": True,
        "nobody@gmail.com": False,
    }


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=4))
def test_findings_are_what_stands_in_the_text_and_do_not_overlap(text: str, people: list[str]) -> None:
    findings = find(Identity(people=tuple(people)), [Passage("k", "K", text)])
    flat = " ".join(text.split())
    assert all(isinstance(one, Finding) and one.found in flat for one in findings)


@given(st.sampled_from(TEAM.people[:5]), st.text(alphabet="abcdefgh \n.,;", max_size=60), st.text(max_size=60))
def test_a_full_name_is_found_wherever_it_stands(name: str, before: str, after: str) -> None:
    told = found(f"{before} -- {name} -- {after}")
    assert True in told.values()
