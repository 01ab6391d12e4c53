"""A partner posts its signature of a checkpoint, and anybody reads and checks it: the key must be registered, the checkpoint this one."""

import json
import subprocess
import sys

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cooperation.samples.lending import MG, House
from moonbridge.engines.ledger import checkpoints, seal
from moonbridge.errors import InputError, Refused
from moonbridge.ledger import cosigners, log
from moonbridge.ledger.models import CoSignature

pytestmark = pytest.mark.django_db
SEED, OTHER = "A" * 43 + "=", "B" * 42 + "A="
PARTNER = seal.Signer(SEED)
NAME = "Agency of Dust"


@pytest.fixture
def house() -> House:
    made = House()
    log.append_new(made.book)
    return made


def post(given: dict[str, object]):
    return Client().post("/api/v1/checkpoints/cosignatures", given, content_type="application/json")


def signed_by_command(house: House, tmp_path, name: str = NAME, seed: str = SEED) -> dict[str, object]:
    """What the partner's own machine writes, with no Django and no database."""
    (tmp_path / "seed").write_text(seed)
    told = ["record", "cosign", "-", "--name", name, "--seed", str(tmp_path / "seed"), "--key", log.signer().public_key]
    code = "import sys; from moonbridge.cli import main; sys.argv[0] = 'moonbridge'; main(); assert 'django' not in sys.modules"
    exported = "".join(log.exported(house.book))
    done = subprocess.run(
        [sys.executable, "-c", code, *told], input=exported, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_a_partner_posts_what_its_command_wrote_and_anybody_checks_it(house: House, tmp_path) -> None:
    given = signed_by_command(house, tmp_path)
    refused = post(given)
    assert (refused.status_code, "give your key" in refused.json()["sentence"]) == (409, True)
    assert cosigners.register(NAME, PARTNER.public_key) == cosigners.register(NAME, PARTNER.public_key)
    first, second = post(given), post(given)
    assert (first.status_code, first.json()) == (200, second.json())
    (kept,) = CoSignature.objects.all()
    (read,) = Client().get("/api/v1/checkpoints", {"cosigned": "true"}).json()
    (line,) = read["cosignatures"]
    assert (line["name"], line["line"]) == (NAME, kept.line)
    found = checkpoints.opened(read["note"], read["public_key"])
    assert (found.origin, found.size) == (given["origin"], given["size"])
    assert checkpoints.check_cosignature(read["note"], line["line"], line["name"], line["public_key"]) > 0
    assert NAME in "".join(log.exported(house.book))


def test_another_key_another_name_and_another_checkpoint_are_refused_in_words(house: House) -> None:
    cosigners.register(NAME, PARTNER.public_key)
    earlier = log.latest(house.book)
    house.piece("T0003", MG)
    log.append_new(house.book)
    last = log.latest(house.book)
    line = checkpoints.cosign(earlier.note, NAME, PARTNER, at=1_700_000_000)
    good = {
        "origin": log.origin(house.book),
        "size": earlier.size,
        "name": NAME,
        "public_key": PARTNER.public_key,
        "line": line,
    }
    stranger = seal.Signer(OTHER)
    for change, sentence in [
        ({"size": last.size}, "not co-signed"), ({"size": last.size + 1}, "no checkpoint"), ({"origin": "elsewhere"}, "no checkpoint"),
        ({"public_key": stranger.public_key}, "takes no signature"), ({"name": "Another"}, "takes no signature"),
        ({"line": checkpoints.cosign(earlier.note, NAME, stranger, at=1)}, "not co-signed"), ({"line": "x"}, "not co-signed"),
    ]:  # fmt: skip
        answer = post(good | change)
        assert (400 <= answer.status_code < 500, sentence in answer.json()["sentence"]) == (True, True), change
    assert not CoSignature.objects.exists()
    assert post(good).status_code == 200
    cosigners.withdraw(PARTNER.public_key)
    assert post(good | {"size": last.size}).status_code == 409
    with pytest.raises(Refused):
        cosigners.register(NAME, PARTNER.public_key)
    for key in ("x", "QUJD"):
        with pytest.raises(InputError):
            cosigners.register(NAME, key)
    assert CoSignature.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_checkpoints_are_listed_in_as_many_queries_for_three_as_for_one(house: House, rows: int) -> None:
    for number in range(rows - 1):
        house.piece(f"T100{number}", MG)
        log.append_new(house.book)
    with CaptureQueriesContext(connection) as asked:
        found = Client().get("/api/v1/checkpoints", {"collection": house.collection.slug}).json()
    assert (len(found), len(asked)) == (rows, 2)
    house.agency.lender.delete()
    assert Client().get("/api/v1/checkpoints").json() == []
