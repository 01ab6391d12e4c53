import re

import pytest

from engines.selection.random_calls import random_call
from moonbridge.engines.selection.sentences import rule_sentence
from moonbridge.engines.selection.words import LANGUAGES


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
