"""``moonbridge check``: say whether a certificate holds against the call it speaks of."""

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moonbridge.errors import InputError, TamperedError

if TYPE_CHECKING:
    from moonbridge.engines.selection.problem import Problem


def check(
    certificate: Annotated[
        Path,
        typer.Argument(help="A .json file from `moonbridge select --certificate`, or from the page of a decision."),
    ],
    call: Annotated[
        Path | None, typer.Argument(help="The call that it speaks of; without it only the signature is checked.")
    ] = None,
    *,
    scores: Annotated[
        Path | None, typer.Option(help="The CSV file with the scores that the call was solved with.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="The public key (base64) that must have signed it.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Solve the call again and compare.")] = False,
) -> None:
    """Check a certificate in whole numbers, without the solver; with --again also that nothing better exists."""
    from moonbridge.formats.calls.certificate import KIND, unaltered, verified
    from moonbridge.formats.calls.read import read_call, text_of
    from moonbridge.formats.calls.scores import read_scores

    if again and call is None:
        raise InputError("solving again needs the call", field="--again")
    if scores is not None and call is None:
        raise InputError("scores belong to a call: name it too", field="--scores")
    data = _parsed(text_of(certificate), certificate)
    unaltered(data, public_key=key)
    if call is None:
        print(f"It states {len(data['choices'])} proposals, chosen from the call with the digest {data['call']}.")
        print("Whether they keep every limit and rule was not checked: that needs the call.")
    else:
        problem = read_call(call) if scores is None else read_scores(scores, read_call(call))
        verified(data, problem, public_key=key)
        merit = ", merit as stated" if data["kind"] == KIND else ""
        print(f"The certificate holds: {len(data['choices'])} proposals, every limit and rule kept{merit}.")
        print(_claim(data, problem))
    signer = "by the given key" if key else f"by {data['public_key']} (give --key to trust only yours)"
    print(f"It is unaltered and signed {signer}.")
    if again and call is not None:
        _solve_again(problem, data)


def _parsed(text: str, file: Path) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error.msg}", file=str(file), line=error.lineno) from None


def _claim(data: dict[str, Any], problem: "Problem") -> str:
    """Return what a verified certificate says about other portfolios; that is the solver's word."""
    from moonbridge.engines.selection.problem import merit_text
    from moonbridge.formats.calls.certificate import KIND

    if data["kind"] != KIND:
        return (
            "It states a proof that none is better." if data["proven"] else "It states no proof: others may be better."
        )
    bound, merit = (sum(map(Fraction, data[name])) for name in ("bounds", "values"))
    if not data["proven"]:
        return f"It states no proof: others may be worth up to {merit_text(Fraction(bound - merit))} more."
    if problem.lottery_within:
        best = merit_text(Fraction(bound))
        return f"It states a proof that the best is worth {best}; this one is drawn within {merit_text(problem.lottery_within)} of it."
    return "It states a proof that none is better."


def _solve_again(problem: "Problem", data: dict[str, Any]) -> None:
    """Compare with what solving gives now; where the certificate claims no proof, a better portfolio is no contradiction."""
    from moonbridge.engines.selection.optimum import optimum
    from moonbridge.engines.selection.problem import merit_text

    found = optimum(problem)
    if dict(found.choices) == data["choices"]:
        print("Solving the call again gives the same portfolio.")
        return
    if data["proven"]:
        raise TamperedError("solving the call again gives another portfolio")
    if found.bounds[0] > Fraction(data.get("bounds", [found.bounds[0]])[0]):
        raise TamperedError("solving the call again gives more than the certificate says is possible")
    print(
        f"Solving the call again gives another portfolio, merit {merit_text(found.value)}: none was said to be proven."
    )
