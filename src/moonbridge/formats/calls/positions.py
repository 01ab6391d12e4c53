"""On which line of a TOML or JSON file each value stands, so that an error can point there.

The parsers of the standard library give values without places. These two scanners run after a successful parse and
only look for keys, so they need not understand values.
"""

import re
from collections import Counter
from collections.abc import Iterator

type Path = tuple[str | int, ...]
"""Where a value is: keys and positions from the top, for example ``("proposals", 3, "merit")``."""
type Lines = dict[Path, int]
"""The line of each value that was found."""


def line_of(lines: Lines, path: Path) -> int | None:
    """Return the line of the value at ``path``, or of the nearest thing around it."""
    return next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), None)


_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_ARRAY = re.compile(rf"^\s*\[\[\s*({_DOTTED})\s*\]\]")
_TABLE = re.compile(rf"^\s*\[\s*({_DOTTED})\s*\]")
_PAIR = re.compile(rf"^\s*({_DOTTED})\s*=")
_LONG_TEXT = re.compile(r'"""|\'\'\'')


def toml_lines(text: str) -> Lines:
    """Return the line of every table and key; what stands inside an inline value counts to the key before it."""
    lines: Lines = {}
    counts: Counter[Path] = Counter()
    table: Path = ()
    for number, line in _outside_long_texts(text):
        if match := _ARRAY.match(line):
            array = _placed(_keys(match[1]), counts)
            table = (*array, counts[array])
            counts[array] += 1
            lines[table] = number
        elif match := _TABLE.match(line):
            table = _placed(_keys(match[1]), counts)
            lines[table] = number
        elif match := _PAIR.match(line):
            lines[(*table, *_keys(match[1]))] = number
    return lines


def _outside_long_texts(text: str) -> Iterator[tuple[int, str]]:
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if not inside:
            yield number, line
        if len(_LONG_TEXT.findall(line)) % 2:
            inside = not inside


def _keys(dotted: str) -> Path:
    return tuple(key.strip("\"'") for key in re.findall(_KEY, dotted))


def _placed(keys: Path, counts: Counter[Path]) -> Path:
    """Return ``keys`` with the current position behind every key that names an array of tables on the way."""
    placed: Path = ()
    for depth, key in enumerate(keys, 1):
        placed = (*placed, key)
        if depth < len(keys) and counts[placed]:
            placed = (*placed, counts[placed] - 1)
    return placed


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\n]')


def json_lines(text: str) -> Lines:
    """Return the line of every value in a JSON text that has been parsed before."""
    lines: Lines = {}
    path: list[str | int] = []
    number, key = 1, ""
    for token in _TOKEN.findall(text):
        match token:
            case "\n":
                number += 1
            case "{":
                path.append("")
            case "[":
                path.append(0)
                lines[tuple(path)] = number
            case "}" | "]":
                path.pop()
            case ",":
                if path and isinstance(position := path[-1], int):
                    path[-1] = position + 1
                    lines[tuple(path)] = number
            case ":":
                path[-1] = key
                lines[tuple(path)] = number
            case _:
                key = token[1:-1]
    return lines
