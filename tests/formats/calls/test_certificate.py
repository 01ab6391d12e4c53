import base64
import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from engines.selection.random_calls import MASS
from moonbridge.engines.ledger.seal import Signer, digest
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.result import Result
from moonbridge.errors import InputError, TamperedError
from moonbridge.formats.calls.certificate import certificate, public_part, unaltered, verified
from moonbridge.formats.calls.read import read_call
from moonbridge.formats.calls.write import call_data

SEED = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(32)).decode()
EXAMPLE = Path(__file__).parents[3] / "examples" / "change8.toml"


def call(capacity: int = 9) -> Problem:
    proposals = tuple(
        Proposal(n, (Option("full", Fraction(m), {MASS: kg}),)) for n, m, kg in (("A", 5, 6), ("B", 4, 3), ("C", 3, 4))
    )
    return Problem((Limit(*MASS, capacity=capacity),), proposals)


def resigned(data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A forger's certificate: altered, and signed anew with the right key."""
    from moonbridge.engines.ledger.seal import canonical

    body = {key: value for key, value in data.items() if key != "signature"} | changes
    return {**body, "signature": Signer(SEED).sign(canonical(body))}


def test_a_certificate_holds_against_its_call() -> None:
    data = json.loads(json.dumps(certificate(optimum(call()), Signer(SEED))))
    assert verified(data, call(), public_key=Signer(SEED).public_key).values == (9,)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"choices": {"A": "full", "C": "full"}},
            "the certified portfolio does not keep: lander mass offers 9 mg in all",
        ),
        ({"choices": {"A": "full"}}, "the certified merit is not what the portfolio adds up to"),
        ({"values": ["10"]}, "the certified merit is not what the portfolio adds up to"),
        ({"bounds": ["10"]}, "the certificate claims a proof, but its bound is not its merit"),
        ({"bounds": ["8"], "proven": False}, "the certified bound lies below the certified merit"),
        ({"bounds": [], "proven": False}, "the certified bound lies below the certified merit"),
        ({"call": "0" * 64}, "the certificate speaks of another call, or the call was changed since"),
    ],
)
def test_an_altered_result_is_refused_even_if_signed_again(changes: dict[str, Any], sentence: str) -> None:
    data = certificate(optimum(call()), Signer(SEED))
    with pytest.raises(TamperedError, match=sentence):
        verified(resigned(data, **changes), call())
    with pytest.raises(TamperedError, match="was altered, or signed by somebody else"):
        verified({**data, **changes}, call())


def test_another_signer_and_another_call_are_refused() -> None:
    data = certificate(optimum(call()), Signer(SEED))
    with pytest.raises(TamperedError, match="signed by somebody else"):
        verified(data, call(), public_key=Signer(OTHER).public_key)
    with pytest.raises(TamperedError, match="speaks of another call"):
        verified(data, call(capacity=10))
    shapes = ({"choices": ["A"]}, {"choices": {"A": 1}}, {"proven": "yes"}, {"bounds": 9}, {"values": [9]})
    broken = [resigned(data, **shape) for shape in shapes]
    for something in ({"kind": "something else"}, {"kind": []}, [], {"kind": data["kind"]}, *broken):
        with pytest.raises(InputError, match="this is neither a"):
            verified(something, call())


def test_with_a_lottery_the_bound_may_exceed_the_merit_by_its_margin_and_no_more() -> None:
    problem = replace(call(), lottery_within=Fraction(1))
    data = certificate(optimum(problem), Signer(SEED))
    assert (data["values"], data["bounds"]) == (["9"], ["9"])
    assert verified(resigned(data, bounds=["10"]), problem).values == (9,)
    with pytest.raises(TamperedError, match="its bound is not its merit"):
        verified(resigned(data, bounds=["10.5"]), problem)


def test_the_public_part_says_what_was_chosen_and_no_merit() -> None:
    whole = certificate(optimum(call()), Signer(SEED))
    part = json.loads(json.dumps(public_part(whole, Signer(SEED))))
    assert part["certificate"] == digest(json.loads(json.dumps(whole)))
    assert part.keys() == {
        "kind", "certificate", "call", "title", "seed", "choices", "proven", "solver", "public_key", "signature",
    }  # fmt: skip
    assert unaltered(part, public_key=Signer(SEED).public_key)["choices"] == {"A": "full", "B": "full"}
    assert verified(part, call()).feasible
    with pytest.raises(TamperedError, match="does not keep: lander mass offers 9 mg in all"):
        verified(resigned(part, choices={"A": "full", "C": "full"}), call())
    with pytest.raises(TamperedError, match="was altered"):
        unaltered({**part, "choices": {"B": "full"}})
    with pytest.raises(TamperedError, match="signed by somebody else"):
        unaltered(part, public_key=Signer(OTHER).public_key)


def moonbridge(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from moonbridge.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_line_writes_and_checks_certificates(tmp_path: Path) -> None:
    key, written = tmp_path / "key", tmp_path / "certificate.json"
    key.write_text(SEED + "\n")
    assert moonbridge("select", EXAMPLE, "--certificate", written, "--key", key).returncode == 0
    checked = moonbridge("check", written, EXAMPLE, "--key", Signer(SEED).public_key, "--again")
    assert checked.stdout.splitlines() == [
        "The certificate holds: 11 proposals, every limit and rule kept, merit as stated.",
        "It states a proof that none is better.",
        "It is unaltered and signed by the given key.",
        "Solving the call again gives the same portfolio.",
    ]
    alone = moonbridge("check", written)
    assert "Whether they keep every limit and rule was not checked" in alone.stdout
    assert (
        moonbridge("check", written, "--again").stderr.strip()
        == "moonbridge: field --again: solving again needs the call"
    )
    written.write_text(written.read_text().replace('"832.5"', '"832.6"'))
    refused = moonbridge("check", written, EXAMPLE)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.strip() == "moonbridge: the certificate was altered, or signed by somebody else"


def test_a_certificate_of_scores_is_checked_with_the_scores(tmp_path: Path) -> None:
    key, written, scores = tmp_path / "key", tmp_path / "certificate.json", tmp_path / "scores.csv"
    key.write_text(SEED + "\n")
    scores.write_text("proposal,merit\nS13,999\n")
    made = moonbridge("select", EXAMPLE, "--scores", scores, "--certificate", written, "--key", key)
    assert made.returncode == 0, made.stderr
    assert "speaks of another call" in moonbridge("check", written, EXAMPLE).stderr
    assert moonbridge("check", written, EXAMPLE, "--scores", scores).stdout.startswith("The certificate holds")
    assert moonbridge("check", written, "--scores", scores).returncode == 2


def test_an_honest_certificate_without_proof_is_no_forgery_when_solving_again_finds_more(tmp_path: Path) -> None:
    file, written = tmp_path / "call.json", tmp_path / "certificate.json"
    file.write_text(json.dumps(call_data(call())))
    problem = read_call(file)
    found = Result(problem, {"A": "full"}, (Fraction(5),), (Fraction(11),), proven=False, solver="nobody")
    data = certificate(found, Signer(SEED))
    written.write_text(json.dumps(data))
    checked = moonbridge("check", written, file, "--again")
    assert checked.stdout.splitlines()[1] == "It states no proof: others may be worth up to 6 more."
    assert checked.stdout.splitlines()[-1] == (
        "Solving the call again gives another portfolio, merit 9: none was said to be proven."
    )
    written.write_text(json.dumps(resigned(data, bounds=["8"])))
    refused = moonbridge("check", written, file, "--again").stderr
    assert "gives more than the certificate says is possible" in refused
    written.write_text(json.dumps(resigned(data, bounds=["5"], proven=True)))
    assert "solving the call again gives another portfolio" in moonbridge("check", written, file, "--again").stderr


def test_a_certificate_needs_a_readable_key(tmp_path: Path) -> None:
    written, key = tmp_path / "certificate.json", tmp_path / "key"
    key.write_text("no key")
    refused = moonbridge("select", EXAMPLE, "--certificate", written, "--key", key)
    assert (refused.returncode, refused.stderr.strip()) == (
        2,
        f"moonbridge: {key}: is not a 32-byte Ed25519 seed in base64",
    )
    assert not written.exists()
