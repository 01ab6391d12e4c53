"""A signed certificate of a selection, which anybody can check against the call without trusting the solver.

It carries the digest of the call, the portfolio, its merit, the bound, who computed it and how, and an Ed25519
signature of its canonical form (RFC 8785). Checking it needs no solver: the portfolio is judged in whole numbers by
:func:`~moonbridge.engines.selection.check.check_choices`. That nothing better exists is the solver's word, unless the
call is solved again.

A certificate names what only those who know the call may know: merits, and rules that speak of proposals. Its **public
part** says no more than what was chosen, from which call (by digest) and whether that was proven; it carries the digest of the
whole, so that whoever is shown the whole later can see that it is the one that was meant.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

from moonbridge.engines.ledger.seal import Signer, canonical, digest, verify
from moonbridge.engines.selection.check import Verdict, check_choices
from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.rules import exact
from moonbridge.engines.selection.sentences import source_sentence, weighting_sentences
from moonbridge.errors import InputError, TamperedError
from moonbridge.formats.calls.rules import fraction_text
from moonbridge.formats.calls.write import call_data

KIND: Final = "moonbridge selection certificate 1"
"""What the file is, and its version."""
PUBLIC_KIND: Final = "moonbridge public certificate 1"
"""What the public part is, and its version."""
_SHOWN: Final = ("call", "title", "seed", "choices", "proven", "solver")
"""What the public part repeats."""
_PUBLIC: Final = frozenset({"kind", "certificate", *_SHOWN, "public_key", "signature"})
_WHOLE: Final = frozenset({"kind", "call", "choices", "values", "bounds", "proven", "public_key", "signature"})


def certificate(result: Result, signer: Signer) -> dict[str, Any]:
    """Return the signed certificate of ``result`` as plain data."""
    body = {
        "kind": KIND,
        "call": digest(call_data(result.problem)),
        "title": result.problem.title,
        "rules": [source_sentence(result.problem, rule) for rule in result.problem.rules],
        "weighting": list(weighting_sentences(result.problem)),
        "seed": result.problem.seed,
        "choices": dict(result.choices),
        "values": [fraction_text(value) for value in result.values],
        "bounds": [fraction_text(bound) for bound in result.bounds],
        "proven": result.proven,
        "solver": result.solver,
        "public_key": signer.public_key,
    }
    return {**body, "signature": signer.sign(canonical(body))}


def public_part(whole: dict[str, Any], signer: Signer) -> dict[str, Any]:
    """Return what everybody may know of a certificate, signed by itself."""
    shown = {name: whole[name] for name in _SHOWN}
    body = {"kind": PUBLIC_KIND, "certificate": digest(whole), **shown, "public_key": signer.public_key}
    return {**body, "signature": signer.sign(canonical(body))}


def unaltered(data: Any, *, public_key: str | None = None) -> dict[str, Any]:
    """Return what a certificate or its public part states, once its signature is verified; see :func:`verified`.

    This needs no call: it says that nobody changed the file since it was signed, not that the portfolio keeps the rules.
    """
    body = _body(data)
    if not verify(canonical(body), str(data["signature"]), public_key or str(body["public_key"])):
        raise TamperedError("the certificate was altered, or signed by somebody else")
    return body


def verified(data: Any, problem: Problem, *, public_key: str | None = None) -> Verdict:
    """Check a certificate or its public part against the call it speaks of; return the checker's verdict on its portfolio.

    With ``public_key`` (base64) only that signer is trusted; without it the certificate proves that it is unaltered,
    not who made it. Raises InputError if it is no certificate, and TamperedError with one sentence for anything that
    does not hold.
    """
    body = unaltered(data, public_key=public_key)
    if body["call"] != digest(call_data(problem)):
        raise TamperedError("the certificate speaks of another call, or the call was changed since")
    verdict = check_choices(problem, body["choices"])
    if not verdict.feasible:
        broken = "; ".join(source_sentence(problem, source) for source in verdict.broken)
        raise TamperedError(f"the certified portfolio does not keep: {broken}")
    if body["kind"] == KIND:
        _check_merit(body, problem, verdict)
    return verdict


def _check_merit(body: dict[str, Any], problem: Problem, verdict: Verdict) -> None:
    if [fraction_text(value) for value in verdict.values] != body["values"]:
        raise TamperedError("the certified merit is not what the portfolio adds up to")
    bounds = [exact(bound, field="bounds") for bound in body["bounds"]]
    if len(bounds) != len(verdict.values) or any(b < v for b, v in zip(bounds, verdict.values, strict=True)):
        raise TamperedError("the certified bound lies below the certified merit")
    if body["proven"] and any(gap > most for gap, most in _gaps(problem, verdict, bounds)):
        raise TamperedError("the certificate claims a proof, but its bound is not its merit")


def _gaps(problem: Problem, verdict: Verdict, bounds: Sequence[Fraction]) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield how far the bound of each tier lies above its merit, and how far it may where that is proven.

    A lottery near the line may take less than the best in the last tier, by its margin.
    """
    allowed = [*(Fraction(0) for _ in bounds[1:]), problem.lottery_within]
    for bound, value, most in zip(bounds, verdict.values, allowed, strict=True):
        yield bound - value, most


def _body(data: Any) -> dict[str, Any]:
    needed = {KIND: _WHOLE, PUBLIC_KIND: _PUBLIC}.get(str(data.get("kind"))) if isinstance(data, dict) else None
    if needed is None or not needed <= data.keys() or not _well_formed(data):
        raise InputError(f"this is neither a {KIND!r} nor a {PUBLIC_KIND!r}")
    return {key: value for key, value in data.items() if key != "signature"}


def _well_formed(data: dict[str, Any]) -> bool:
    """Return whether what is computed with has the shape that it should have."""
    choices, numbers = data["choices"], (data.get("values", []), data.get("bounds", []))
    return (
        isinstance(data["proven"], bool)
        and isinstance(choices, dict)
        and all(isinstance(option, str) for option in choices.values())
        and all(isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in numbers)
    )
