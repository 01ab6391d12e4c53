"""The tree of errors is the one that its docstring draws, and says everything it knows."""

import re

from moonbridge import errors


def _subtree(kind: type[errors.MoonbridgeError]) -> set[str]:
    here = {child.__name__ for child in kind.__subclasses__() if child.__module__ == errors.__name__}
    return here.union(*(_subtree(child) for child in kind.__subclasses__() if child.__module__ == errors.__name__))


def test_the_docstring_draws_the_tree() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert sorted(drawn) == sorted(_subtree(errors.MoonbridgeError))


def test_codes_are_stable_and_unique() -> None:
    kinds = [errors.MoonbridgeError, *(getattr(errors, name) for name in _subtree(errors.MoonbridgeError))]
    assert sorted(kind.code for kind in kinds) == [
        "busy", "cancelled", "command-reused", "deadline-passed", "does-not-fit", "infeasible", "input", "moonbridge", "not-allowed",
        "not-proven", "quantity", "read-only", "refused", "stale", "tampered", "unavailable", "wrong-state",
    ]  # fmt: skip


def test_an_input_error_says_where() -> None:
    error = errors.InputError("is not a date", file="clep.yaml", line=7, field="launch", given="soon")
    assert str(error) == "clep.yaml:7, field launch: is not a date"
    assert error.as_dict() == {
        "code": "input", "sentence": "clep.yaml:7, field launch: is not a date", "numbers": {"given": "soon"},
        "file": "clep.yaml", "line": 7, "field": "launch",
    }  # fmt: skip
    assert str(errors.InputError("is empty")) == "is empty"
