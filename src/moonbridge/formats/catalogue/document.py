"""YAML files as cursors that know their file, line and field, so that every mistake can name its place.

Scalars keep the text that was typed: what is a date or an amount is decided by the field, not by YAML. (`NO` stays Norway, `2019-04-18`
stays text.) Reading goes on after a mistake; the cursor notes it and gives an empty answer.
"""

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from moonbridge.formats.catalogue.problems import Problems, unknown
from moonbridge.formats.catalogue.told import Written

_NULL = "tag:yaml.org,2002:null"


class Cursor:
    """One node of a file with its place; ``path`` is the dotted field, e.g. ``missions.change-6.facts.mass``."""

    def __init__(self, node: Node, file: str, path: str, problems: Problems) -> None:
        self._node = node
        self._problems = problems
        self.path = path
        self.written = Written(file, node.start_mark.line + 1)

    @property
    def is_null(self) -> bool:
        """Whether ``null`` or nothing at all is written here."""
        return isinstance(self._node, ScalarNode) and self._node.tag == _NULL

    @property
    def is_list(self) -> bool:
        """Whether a list is written here."""
        return isinstance(self._node, SequenceNode)

    @property
    def is_table(self) -> bool:
        """Whether keys with values are written here."""
        return isinstance(self._node, MappingNode)

    def has(self, key: str) -> bool:
        """Whether keys are written here and ``key`` is among them."""
        return isinstance(self._node, MappingNode) and any(node.value == key for node, _value in self._node.value)

    def problem(self, sentence: str) -> None:
        """Note a mistake at this place."""
        self._problems.add(sentence, at=self.written, field=self.path or None)

    def table(self, known: Collection[str] | None = None) -> dict[str, "Cursor"]:
        """Return the keys with their cursors; note a double key, and one that is not in ``known``."""
        if not isinstance(self._node, MappingNode):
            if not self.is_null:
                self.problem("expected keys with values here")
            return {}
        entries: dict[str, Cursor] = {}
        for key_node, value_node in self._node.value:
            key = str(key_node.value)
            cursor = self._child(value_node, f"{self.path}.{key}" if self.path else key)
            if key in entries:
                cursor.problem(f"{key!r} is written twice")
            elif known is not None and key not in known:
                cursor.problem(unknown("field", key, known))
            else:
                entries[key] = cursor
        return entries

    def items(self) -> list["Cursor"]:
        """Return the items of a list; anything else counts as a list of itself, null as an empty one."""
        if isinstance(self._node, SequenceNode):
            return [self._child(node, self.path) for node in self._node.value]
        return [] if self.is_null else [self]

    def text(self) -> str:
        """Return the text that is written here; note a list, keys, or nothing."""
        if isinstance(self._node, ScalarNode) and not self.is_null:
            return str(self._node.value).strip()
        self.problem("expected a text here")
        return ""

    def text_or_none(self) -> str | None:
        """Return the text that is written here, or None for null."""
        return None if self.is_null else self.text()

    def texts(self) -> tuple[str, ...]:
        """Return the texts of a list; a single text counts as a list of one."""
        return tuple(item.text() for item in self.items())

    def choice[E: StrEnum](self, options: type[E]) -> E | None:
        """Return the option that is written here; note anything else."""
        text = self.text()
        if text in [option.value for option in options]:
            return options(text)
        self.problem(f"{unknown('word', text, options)}; use one of {', '.join(options)}")
        return None

    def _child(self, node: Node, path: str) -> "Cursor":
        return Cursor(node, self.written.file, path, self._problems)


def open_document(path: Path, name: str, problems: Problems) -> Cursor | None:
    """Read the file at ``path``, called ``name`` in messages; None, with the mistake noted, if it is not YAML or is empty."""
    try:
        node = YAML(typ="safe", pure=True).compose(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.add(f"not readable as YAML: {error.problem}", at=Written(name, mark.line + 1 if mark else 1))
        return None
    except UnicodeDecodeError:
        problems.add("not readable as UTF-8 text", at=Written(name, 1))
        return None
    if node is None:
        problems.add("the file is empty", at=Written(name, 1))
        return None
    return Cursor(node, name, "", problems)
