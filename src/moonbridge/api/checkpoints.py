"""Checkpoints of the books and who co-signed them: anybody reads those of collections; partners send their signatures.

A partner needs no account: the signature says whose it is. Which keys are taken, the operator of the site says.
"""

import base64
from typing import Annotated, Any, Final

from django.db.models import Prefetch
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from moonbridge.cooperation.samples.queries.whereabouts import public_collections
from moonbridge.ledger import cosigners, log
from moonbridge.ledger.models import Checkpoint, CoSignature
from moonbridge.record.queries import signer

router = Router(tags=["record"])
MOST: Final = 200
"""Checkpoints of one page of the list."""

Line = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]


class WhichCheckpoints(Schema):
    """Which checkpoints: of one collection or all; ``cosigned``: only those that a partner signed."""

    collection: Annotated[str, Field(max_length=80, pattern=r"^[-a-zA-Z0-9_]*$")] = ""
    cosigned: bool = False
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


class Cosigned(Schema):
    """What ``moonbridge record cosign`` writes: the log and its size, who signs with which key, and the line of the signature."""

    origin: Line
    size: Annotated[int, Field(ge=0, le=2**62)]
    name: Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")]
    public_key: Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9+/=]*$")]
    line: Line


@router.get(
    "/checkpoints", url_name="checkpoints", summary="The signed states of the books of collections, the newest first"
)
def checkpoints(request: HttpRequest, which: Query[WhichCheckpoints]) -> list[dict[str, Any]]:  # noqa: ARG001 - the same for everybody
    """Return checkpoints with the signatures of partners: the note verifies with the key of this site, each line with its own."""
    books = public_collections().order_by()
    books = books.filter(slug=which.collection) if which.collection else books
    found = Checkpoint.objects.filter(book__in=books.values("book"))
    found = found.filter(cosignatures__isnull=False).distinct() if which.cosigned else found
    lines = Prefetch("cosignatures", CoSignature.objects.order_by("at", "pk"))
    loaded = found.select_related("book").prefetch_related(lines).order_by("-at", "-size", "pk")
    return [_checkpoint(one) for one in loaded[which.offset : which.offset + which.limit]]


@router.post(
    "/checkpoints/cosignatures", url_name="cosign", summary="Put your signature as a partner under a checkpoint"
)
def cosign(request: HttpRequest, given: Cosigned) -> dict[str, Any]:  # noqa: ARG001 - the signature says whose it is
    """Keep a partner's signature once it is verified with the partner's registered key; sent again it is answered alike."""
    kept = cosigners.take_in(**given.dict())
    return {"origin": given.origin, "size": given.size, **_signature(kept)}


def _checkpoint(found: Checkpoint) -> dict[str, Any]:
    return {
        "origin": log.origin(found.book), "book": found.book.slug, "size": found.size,
        "root": base64.b64encode(bytes(found.root)).decode(), "note": found.note, "at": found.at,
        "public_key": signer().public_key, "cosignatures": [_signature(one) for one in found.cosignatures.all()],
    }  # fmt: skip


def _signature(kept: CoSignature) -> dict[str, Any]:
    return {"name": kept.name, "public_key": kept.public_key, "line": kept.line, "at": kept.at}
