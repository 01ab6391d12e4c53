"""An exported record verifies by itself; every alteration of it is named."""

import base64
import io
import json

import pytest

from moonbridge.engines.ledger import seal
from moonbridge.errors import InputError, TamperedError
from moonbridge.formats import record

SIGNER, OTHER = (seal.Signer(base64.b64encode(bytes([seed]) * 32).decode()) for seed in (1, 2))


def exported(count: int = 3, signer: seal.Signer = SIGNER) -> list[str]:
    entries, previous = [], seal.GENESIS
    for number in range(1, count + 1):
        entries.append(
            signer.seal(number, {"chain": "public", "number": number, "facts": {"n": str(number)}}, previous)
        )
        previous = entries[-1].hash
    return list(record.lines("public", entries, (count, previous), signer))


def verified(lines: list[str], key: str | None = None) -> record.Verified:
    return record.verify(io.StringIO("".join(lines)), name="record.jsonl", public_key=key)


def test_a_whole_file_verifies_with_its_own_and_with_a_trusted_key() -> None:
    assert verified(exported()).entries == 3
    assert verified(exported(), SIGNER.public_key) == verified(exported())
    assert verified(exported(0)).head == seal.GENESIS


def edited(line: str, **changes: object) -> str:
    return json.dumps(json.loads(line) | changes) + "\n"


@pytest.mark.parametrize(
    "alter",
    [
        lambda lines: [lines[0], lines[1], lines[3]],
        lambda lines: [lines[0], lines[2], lines[1], lines[3]],
        lambda lines: [lines[0], lines[1], lines[1], lines[2], lines[3]],
        lambda lines: [
            *lines[:2],
            edited(lines[2], body={"chain": "public", "number": 2, "facts": {"n": "9"}}),
            lines[3],
        ],
        lambda lines: [*lines[:3], edited(lines[3], signature=json.loads(lines[2])["signature"])],
        lambda lines: [*lines[:3], edited(lines[3], body={"chain": "agency:x", "number": 3, "facts": {}})],
        lambda lines: [lines[0], *exported(signer=OTHER)[1:]],
        lambda lines: lines[:3],
        lambda lines: [edited(lines[0], entries=2), *lines[1:3]],
    ],
    ids=[
        "missing",
        "swapped",
        "doubled",
        "content",
        "signature",
        "other chain",
        "other signer",
        "cut short",
        "cut short in the header too",
    ],
)
def test_every_alteration_is_refused(alter) -> None:
    with pytest.raises(TamperedError):
        verified(alter(exported()))


def test_a_file_re_signed_throughout_is_refused_against_the_trusted_key() -> None:
    forged = exported(signer=OTHER)
    assert verified(forged).entries == 3
    with pytest.raises(TamperedError, match="another key"):
        verified(forged, SIGNER.public_key)


@pytest.mark.parametrize(("line", "text"), [(1, "hello\n"), (1, "{}\n"), (3, "[]\n"), (3, "{}\n")])
def test_a_file_of_another_form_names_the_line(line: int, text: str) -> None:
    lines = exported()
    lines[line - 1] = text
    with pytest.raises(InputError) as caught:
        verified(lines)
    assert (caught.value.file, caught.value.line) == ("record.jsonl", line)
