import gettext
import os

from moonbridge.site.messages import compile_messages

CATALOGUE = """\
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Moon"
msgstr "{}"
"""


def test_a_catalogue_is_compiled_once_per_change(tmp_path):
    source = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE.format("月亮"))
    assert compile_messages(tmp_path) == [source.with_suffix(".mo")]
    assert compile_messages(tmp_path) == []

    source.write_text(CATALOGUE.format("月球"))
    later = source.with_suffix(".mo").stat().st_mtime + 1
    os.utime(source, (later, later))
    assert compile_messages(tmp_path) == [source.with_suffix(".mo")]

    translation = gettext.translation("django", localedir=tmp_path, languages=["zh_Hans"])
    assert translation.gettext("Moon") == "月球"
