"""Policy packs: what ships is whole and sourced, and a mistake is told with its file, line and field."""

import pytest

from moonbridge.engines.lending.policy import LENT_FOR, Policy, Stated
from moonbridge.formats import catalogue
from moonbridge.formats.policies import PolicyError, load, read, shipped


def statements(policy: Policy) -> list[Stated]:
    found = [
        getattr(policy, name) for name in ("signing_working_days", "inventory", "floor_permille", "grace", "naming")
    ]
    parts = [part for term in policy.terms.values() for part in (term.longest, term.renewals, term.renewal)]
    return [*found, policy.video_when_destructive, *parts, *policy.duties.values()]


@pytest.mark.parametrize("policy", load().values(), ids=lambda policy: policy.slug)
def test_what_is_known_names_sources_of_the_catalogue_and_lending_can_go_on(policy: Policy) -> None:
    known = catalogue.load().sources
    for stated in statements(policy):
        assert (stated.value is None) == (not stated.sources)
        assert set(stated.sources) <= set(known)
    assert all(policy.terms[purpose].longest.used and policy.terms[purpose].renewal.used for purpose in LENT_FOR)
    assert policy.naming.used is not None


CHANGES = [
    ('assumed: "name,001"', "assumed: as you like", "naming.assumed", "not a way to name pieces"),
    ("value: 1 year", "value: a year", "terms.research.longest.value", "not a span of time"),
    ("value: 10,", "value: ten,", "signing_working_days.value", "not a whole number"),
    ("assumed: 200", "assumed: 2000", "floor_permille.assumed", "more than the whole"),
    ("powder: mass", "powder: mas", "units.powder", "did you mean 'mass'"),
    ("sources: [b4b, b9], ", "", "signing_working_days", "names its sources"),
    ("grace: {value: null, assumed: 30 days}", "", None, "the part 'grace' is missing"),
    ("inventory: {value: null,", "inventory: {value: 2 years, sources: b9, confidence: low,", "inventory", "not assumed"),
    ("video_when_destructive: {value: yes", "video_when_destructive: {value: sure", "video_when_destructive.value", "neither"),
    ("  research:", "  reserch:", "terms.reserch", "did you mean 'research'"),
    ("text_zh: 使用记录由责任人签字，并由法定代表人确认。", "", "clauses", "a clause has"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "field", "said"), CHANGES)
def test_a_mistake_is_told_with_its_place(tmp_path, old, new, field, said) -> None:
    file = "cnsa.yaml"
    text = (shipped() / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        read(tmp_path / file)
    found = caught.value.errors[0]
    assert (found.file, found.field) == (file, field)
    assert said in found.bare
    assert found.line is not None
