"""``moonbridge check``: say whether a certificate holds against the call it speaks of."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from moonbridge.errors import InputError, TamperedError


def check(
    certificate: Annotated[
        Path, typer.Argument(help="The certificate: a .json file from `moonbridge select --certificate`.")
    ],
    call: Annotated[Path, typer.Argument(help="The call that it speaks of.")],
    *,
    key: Annotated[str | None, typer.Option(help="The public key (base64) that must have signed it.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Solve the call again and compare.")] = False,
) -> None:
    """Check a certificate in whole numbers, without the solver; with --again also that nothing better exists."""
    from moonbridge.formats.calls.certificate import verified
    from moonbridge.formats.calls.read import read_call, text_of

    problem, data = read_call(call), _parsed(text_of(certificate), certificate)
    verified(data, problem, public_key=key)
    signer = "by the given key" if key else f"by {data['public_key']} (give --key to trust only yours)"
    print(f"The certificate holds: {len(data['choices'])} proposals, every limit and rule kept, merit as stated.")
    print(f"It is unaltered and signed {signer}.")
    if again:
        _solve_again(problem, data)


def _parsed(text: str, file: Path) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error.msg}", file=str(file), line=error.lineno) from None


def _solve_again(problem: Any, data: dict[str, Any]) -> None:
    from moonbridge.engines.selection.optimum import optimum

    if dict(optimum(problem).choices) != data["choices"]:
        raise TamperedError("solving the call again gives another portfolio")
    print("Solving the call again gives the same portfolio.")
