"""Every field of the catalogue has a name on pages; dates read as people write them."""

import pytest
from django.utils.translation import override

from moonbridge.formats.catalogue.vocabulary import ENVELOPE_FIELDS, FIELDS
from moonbridge.portal import labels


def test_every_field_has_a_label_and_no_label_is_idle() -> None:
    known = {field for fields in FIELDS.values() for field in fields} | set(ENVELOPE_FIELDS)
    assert set(labels.FIELDS) == known


@pytest.mark.parametrize(
    ("field", "label"),
    [("launch", "Launch"), ("envelope/lander/mass_per_item", "Mass per item"), ("envelope/lander/mass", "Mass")],
)
def test_labels(field, label) -> None:
    with override("en"):
        assert labels.label(field) == label


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-05-03", "2024-05-03"), ("~2029", "about 2029"), ("early 2023-07", "early 2023-07"),
        ("2018-12-07T18:23Z", "2018-12-07 18:23 UTC"),
        ("~spring 2019", "about spring 2019"), ("2025-07 to 2025-08", "2025-07 – 2025-08"),
    ],
)  # fmt: skip
def test_dates(written, read) -> None:
    with override("en"):
        assert labels.date_words(written) == read
