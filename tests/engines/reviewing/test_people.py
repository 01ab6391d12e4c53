"""What is known of people."""

import pytest

from moonbridge.engines.reviewing.people import orcid_holds


@pytest.mark.parametrize(
    ("orcid", "holds"), [("0000-0002-1825-0097", True), ("0000-0001-5109-3700", True), ("0000-0002-1694-233X", True),
                         ("0000-0002-1825-0098", False)],
)  # fmt: skip
def test_orcid_ids_carry_their_check_digit(orcid: str, holds: bool) -> None:
    """The first three are the examples of ORCID's own documentation."""
    assert orcid_holds(orcid) is holds
