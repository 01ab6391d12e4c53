import re

import pytest

from engines.selection.random_calls import random_call
from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.rules import EVERYBODY, amount_at_least, at_most
from moonbridge.engines.selection.sentences import rule_sentence
from moonbridge.engines.selection.words import LANGUAGES
from moonbridge.quantities import MASS


def test_every_language_has_the_same_sentences_with_the_same_numbers() -> None:
    def names(template: str) -> list[str]:
        return sorted(re.findall(r"{(\w+)}", template))

    english = {code: names(template) for code, template in LANGUAGES["en"].items()}
    for templates in LANGUAGES.values():
        assert {code: names(template) for code, template in templates.items()} == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_rule_can_be_said(language: str) -> None:
    said: dict[type, str] = {}
    for seed in range(200):
        problem = random_call(seed)
        for rule in problem.rules:
            said[type(rule)] = rule_sentence(problem, rule, language)
    assert len(said) == 8
    assert not any("{" in sentence or "None" in sentence for sentence in said.values())


def test_a_rule_on_everybody_names_no_group() -> None:
    problem = Problem((), (), resources={"mass": MASS})
    count, amount = at_most(12, EVERYBODY), amount_at_least(5 * 10**6, "mass", EVERYBODY)
    assert rule_sentence(problem, count) == "selected proposals in all: at most 12"
    assert rule_sentence(problem, count, "zh") == "入选提案总数：至多 12"
    assert rule_sentence(problem, amount) == "mass in all: at least 5 kg"
    assert rule_sentence(problem, amount, "zh") == "mass 合计：至少 5 kg"
