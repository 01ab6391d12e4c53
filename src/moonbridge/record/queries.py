"""Read the record."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from moonbridge.engines.ledger.seal import GENESIS, Sealed, Signer
from moonbridge.formats import record
from moonbridge.record.models import PUBLIC, Entry


def database_now() -> datetime:
    """Return the database's present instant: the clock by which deadlines and records go."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def head(chain: str) -> Entry | None:
    """Return the last entry of ``chain``."""
    return Entry.objects.filter(chain=chain).order_by("-number").first()


def chain_name(agency: str) -> str:
    """Return the name of the chain of the agency with this slug."""
    return f"agency:{agency}"


def chain_of(agency: str) -> QuerySet[Entry]:
    """Return the entries of an agency's own chain; ask ``programmes.rules.may_read_record`` before showing them."""
    return Entry.objects.filter(chain=chain_name(agency))


def public() -> QuerySet[Entry]:
    """Return the entries that everybody may read."""
    return Entry.objects.filter(chain=PUBLIC)


def exported(chain: str) -> Iterator[str]:
    """Yield ``chain`` as the lines of a file that verifies by itself (see :mod:`moonbridge.formats.record`)."""
    last = head(chain)
    place = (last.number, last.hash) if last else (0, GENESIS)
    yield from record.lines(chain, sealed(chain, until=place[0]), place, signer())


def signer() -> Signer:
    """Return the signer of this site's records, receipts and certificates."""
    return Signer(settings.SIGNING_KEY)


def sealed(chain: str, *, until: int | None = None) -> Iterator[Sealed]:
    """Yield the entries of ``chain`` in order (to the number ``until``), as the engine verifies them."""
    entries = (
        Entry.objects.filter(chain=chain) if until is None else Entry.objects.filter(chain=chain, number__lte=until)
    )
    for entry in entries.order_by("number").iterator():
        yield Sealed(entry.number, entry.body, entry.previous, entry.hash, entry.signature)
