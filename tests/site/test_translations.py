"""The interface is complete in every language: no message is missing or doubtful, and each keeps its placeholders."""

import re
from pathlib import Path

import pytest

from moonbridge.site import extraction

CATALOGUES = extraction.catalogues()
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w+\}")


@pytest.fixture(scope="module")
def template():
    return extraction.extracted()


def language(path: Path) -> str:
    return path.parts[-3]


def test_simplified_chinese_is_there() -> None:
    assert [language(path) for path in CATALOGUES] == ["zh_Hans"]


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_every_message_is_translated(path, template) -> None:
    assert extraction.lacking(extraction.read(path), template) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_translations_keep_their_placeholders(path) -> None:
    def pieces(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text))

    wrong = [
        message.id
        for message in extraction.read(path)
        if message.id and message.string and pieces(_last(message.id)) != pieces(_last(message.string))
    ]
    assert wrong == []


def _last(forms: str | tuple[str, ...] | list[str]) -> str:
    return forms if isinstance(forms, str) else forms[-1]


def test_messages_of_templates_and_of_code_are_found(tmp_path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}\n  <p title="{% translate "A title" %}">{% blocktranslate count n=n %}{{ n }} thing{% plural %}{{ n }} things'
        '{% endblocktranslate %}</p>\n{% translate "spring" context "season" %}{{ _("In an expression") }}'
    )
    (tmp_path / "code.py").write_text(
        'text = ngettext("%(n)s day", "%(n)s days", n)\nother = pgettext("season", "autumn")\n'
    )
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "0001.py").write_text('_("Not shown")\n')
    found = {(message.context, message.id) for message in extraction.extracted(tmp_path) if message.id}
    assert found == {
        (None, "A title"), (None, ("%(n)s thing", "%(n)s things")), ("season", "spring"), (None, "In an expression"),
        (None, ("%(n)s day", "%(n)s days")), ("season", "autumn"),
    }  # fmt: skip


def test_an_update_drops_what_nobody_uses_and_leaves_new_messages_empty(tmp_path, template) -> None:
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    path = folder / "django.po"
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    path.write_text(f'{head}\nmsgid "Nobody says this"\nmsgstr "x"\n\nmsgid "Sources"\nmsgstr "来源"\n')
    extraction.update(path, template)
    updated = extraction.read(path)
    assert updated.get("Nobody says this") is None
    assert updated.get("Sources").string == "来源"
    assert "Sources" not in extraction.lacking(updated, template)
    assert "Missions" in extraction.lacking(updated, template)
    once = path.read_text()
    extraction.update(path, template)
    assert path.read_text() == once
