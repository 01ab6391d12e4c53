"""``moonbridge check``: say whether a certificate holds against the call it speaks of."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from moonbridge.errors import InputError, TamperedError


def check(
    certificate: Annotated[
        Path,
        typer.Argument(help="A .json file from `moonbridge select --certificate`, or from the page of a decision."),
    ],
    call: Annotated[
        Path | None, typer.Argument(help="The call that it speaks of; without it only the signature is checked.")
    ] = None,
    *,
    key: Annotated[str | None, typer.Option(help="The public key (base64) that must have signed it.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Solve the call again and compare.")] = False,
) -> None:
    """Check a certificate in whole numbers, without the solver; with --again also that nothing better exists."""
    from moonbridge.formats.calls.certificate import KIND, unaltered, verified
    from moonbridge.formats.calls.read import read_call, text_of

    if again and call is None:
        raise InputError("solving again needs the call", field="--again")
    data = _parsed(text_of(certificate), certificate)
    unaltered(data, public_key=key)
    if call is None:
        print(f"It states {len(data['choices'])} proposals, chosen from the call with the digest {data['call']}.")
        print("Whether they keep every limit and rule was not checked: that needs the call.")
    else:
        problem = read_call(call)
        verified(data, problem, public_key=key)
        merit = ", merit as stated" if data["kind"] == KIND else ""
        print(f"The certificate holds: {len(data['choices'])} proposals, every limit and rule kept{merit}.")
    signer = "by the given key" if key else f"by {data['public_key']} (give --key to trust only yours)"
    print(f"It is unaltered and signed {signer}.")
    if again and call is not None:
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
