from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonbridge.engines.moon.windows import Condition
from moonbridge.errors import InputError
from moonbridge.formats.windows.expression import condition

NAMES = ("sun", "earth", "relay")
TRUTHS = np.array(list(product([False, True], repeat=3)))
"""Every combination of the three names; an instant is the number of its row."""


def row_of(times: np.ndarray) -> np.ndarray:
    return times.astype(int)


NAMED = {
    name: lambda column=column, name=name: Condition(
        name, lambda times: TRUTHS[row_of(times), column], np.timedelta64(1, "s")
    )
    for column, name in enumerate(NAMES)
}
EVERY = np.arange(8).astype("datetime64[s]")


def python_says(text: str) -> list[bool]:
    return [bool(eval(text, {}, dict(zip(NAMES, row, strict=True)))) for row in TRUTHS.tolist()]  # noqa: S307 - made below


expressions = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("{} and {}".format, inner, inner),
        st.builds("not {}".format, inner),
        st.builds("({})".format, inner),
    ),
)


@given(expressions)
def test_and_or_not_and_parentheses_mean_what_they_mean_in_python(text: str) -> None:
    assert condition(text, NAMED)(EVERY).tolist() == python_says(text)


def test_letter_case_and_spaces_do_not_matter() -> None:
    assert condition(" Sun AND(not  Earth) ", NAMED).name == "(sun and not earth)"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a name is missing at its end"),
        ("sun and", "a name is missing at its end"),
        ("(sun", "a parenthesis is not closed"),
        ("sun earth", "'earth' is one too many"),
        ("sun)", "')' is one too many"),
        ("sun and venus", "'venus' is not known"),
        ("sun & earth", "'&' is one too many"),
        ("and", "'and' is not known"),
    ],
)
def test_words_without_sense_are_refused_with_the_names_that_there_are(text: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        condition(text, NAMED)
    assert str(caught.value) == (
        f"field when: in {text!r} {why}; write for example 'sun and earth', with sun, earth, relay, and, or, not, ( )"
    )


def test_a_name_that_is_not_used_is_not_made() -> None:
    def costly() -> Condition:
        raise AssertionError

    assert condition("sun", NAMED | {"relay": costly}).name == "sun"
