"""A publication is named in many spellings and kept in one; nothing that would run something passes as an address."""

import pytest

from moonbridge.errors import InputError
from moonbridge.formats.igsn.references import reference


@pytest.mark.parametrize(
    "text",
    [
        "10.1126/SCIENCE.abl7957", "doi:10.1126/science.abl7957", "DOI: 10.1126/science.abl7957 ",
        "https://doi.org/10.1126/science.abl7957", "http://dx.doi.org/10.1126%2Fscience.abl7957", "doi.org/10.1126/science.abl7957",
    ],
)  # fmt: skip
def test_a_doi_has_one_form(text: str) -> None:
    found = reference(text)
    assert (found.kind, found.identifier) == ("DOI", "10.1126/science.abl7957")
    assert found.address == "https://doi.org/10.1126/science.abl7957"


def test_a_doi_with_odd_letters_is_quoted_in_its_address() -> None:
    found = reference("10.1002/(SICI)1099-1476<1::AID-1>3.0.CO;2-#")
    assert found.identifier == "10.1002/(sici)1099-1476<1::aid-1>3.0.co;2-#"
    assert found.address == "https://doi.org/10.1002/(sici)1099-1476%3C1::aid-1%3E3.0.co;2-%23"


def test_an_address_is_kept_as_it_is() -> None:
    found = reference("https://www.lpi.usra.edu/meetings/lpsc2023/pdf/1234.pdf?x=1")
    assert (found.kind, found.address) == ("URL", "https://www.lpi.usra.edu/meetings/lpsc2023/pdf/1234.pdf?x=1")


@pytest.mark.parametrize(
    "text",
    [
        "", "a paper", "javascript:alert(1)", "data:text/html,x", "https://", "https://localhost/x", "ftp://a.example/x",
        "https://user@a.example/", "https://a.example/<script>", "https://[::1", "doi:11.5/x", "https://doi.org/abc", "10.1126/",
        "https://a.example/\u202e", "10.1126/a b", "https://a.example/" + "x" * 500,
    ],
)  # fmt: skip
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        reference(text)
