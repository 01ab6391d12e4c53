import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import moonbridge
from moonbridge.engines.selection.tables import as_html

MASS = ("lander", "mass")


def small_problem() -> moonbridge.Problem:
    proposals = tuple(
        moonbridge.Proposal(name, (moonbridge.Option("full", Fraction(merit), {MASS: kg * 10**6}),), title=f"<{name}>")
        for name, merit, kg in (("A", 60, 5), ("B", 50, 4), ("C", 45, 3))
    )
    return moonbridge.Problem((moonbridge.Limit(*MASS, capacity=10 * 10**6),), proposals, title="Test call")


def test_every_public_name_resolves_to_what_the_type_checker_sees() -> None:
    assert dir(moonbridge) == sorted(moonbridge.__all__)
    assert moonbridge._HOMES.keys() == set(moonbridge.__all__)
    for name in moonbridge.__all__:
        value = getattr(moonbridge, name)
        assert callable(value) or value in {moonbridge.SUN, moonbridge.EARTH}


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(moonbridge, "nothing")


def test_importing_the_library_loads_nothing_heavy() -> None:
    script = "import sys, moonbridge; print(sorted(m for m in sys.modules if m.startswith('moonbridge.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_result_prints_as_a_table() -> None:
    result = moonbridge.select(small_problem())
    assert str(result) == (
        "Test call\n\n"
        "2 of 3 proposals selected, merit 110, proven: no portfolio is worth more\n\n"
        "proposal  option  merit  title\n"
        "A         full    60     <A>\n"
        "B         full    50     <B>\n\n"
        "limit        used  of\n"
        "lander mass  9 kg  10 kg  ██████████████████░░ 90 %"
    )


def test_a_notebook_gets_html_in_which_titles_are_escaped() -> None:
    html = as_html(moonbridge.select(small_problem()))
    assert "<td>A</td><td>full</td><td>60</td><td>&lt;A&gt;</td>" in html


def test_check_judges_any_portfolio_without_the_solver() -> None:
    verdict = moonbridge.check(small_problem(), {"A": "full", "B": "full", "C": "full"})
    assert not verdict.feasible
    assert [limit.place for limit in verdict.broken] == [MASS]
    assert verdict.values == (Fraction(155),)


def test_the_example_script_runs() -> None:
    example = Path(__file__).parents[1] / "examples" / "select_portfolio.py"
    done = subprocess.run([sys.executable, example], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "If S02 were lost, these would fly instead: S14 (full)"
