"""Pages over a large collection: the catalogue, the curator's desk, diagrams and the auditor's desk at 140,000 splits.

``python benchmarks/desks.py`` asks the database that the environment names (``DATABASE_URL`` or ``MOONBRIDGE_STATE``), into which
``moonbridge ledger import --synthetic 140000`` has brought a collection, for each page as its reader would, through the whole of Django.
Printed are the median and the 95th percentile of the clock, the CPU of this process and of its server, and the queries. The clock says
little on a busy machine; the CPU does. The rival reads every account into Python and adds up there, as collection systems do that keep
their sums in no database. Aim: the catalogue's page within 100 ms.
"""

import os
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("MOONBRIDGE_MODE", "demo")

TIMES = 20


def main() -> None:
    """Ask for every page, and print what it took."""
    from moonbridge.site import preparation

    preparation.set_up_django()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from moonbridge.accounts.models import Role, RoleKind, Scope, User
    from moonbridge.cooperation.samples.models import Collection, Lender
    from moonbridge.ledger.models import Account

    settings.ALLOWED_HOSTS = ["testserver"]
    collection = Collection.objects.filter(book__synthetic=True).select_related("agency").latest("slug")
    Lender.objects.get_or_create(agency=collection.agency, defaults={"policy_slug": "cnsa"})
    reader, _new = User.objects.get_or_create(email="benchmark@example.org", defaults={"name": "Benchmark"})
    for kind in (RoleKind.CURATOR, RoleKind.AUDITOR):
        Role.objects.get_or_create(user=reader, kind=kind, scope=Scope.AGENCY, scope_id=collection.agency_id)
    visitor = Client()
    visitor.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")

    def page(path: str) -> Callable[[], object]:
        return lambda: visitor.get(path).content

    piece = collection.splits.order_by("name").first()
    assert piece is not None, "import a synthetic collection first"
    pages = {
        "catalogue": "/samples/catalogue/",
        "catalogue, by name": f"/samples/catalogue/?q={piece.name[:5]}",
        "curator's desk": f"/samples/desk/{collection.agency.slug}/",
        "history of a piece": f"/samples/pieces/{piece.pk}/",
        "diagram of the book": f"/samples/books/{collection.slug}/",
        "auditor's desk": f"/samples/audits/{collection.slug}/",
        "public page": f"/samples/collections/{collection.slug}/",
    }
    print(f"{collection.splits.count()} splits, {Account.objects.filter(book=collection.book_id).count()} accounts")
    for name, path in pages.items():
        with CaptureQueriesContext(connection) as asked:
            assert visitor.get(path).status_code == 200, path
        told(name, page(path), queries=len(asked))
    told("rival: accounts added up in Python", lambda: added_up(collection), queries=1, times=3)


def told(name: str, act: Callable[[], object], *, queries: int, times: int = TIMES) -> None:
    """Print how long ``act`` takes."""
    backend = _backend()
    waits, cpu, server = [], time.process_time(), cpu_of(backend)
    for _ in range(times):
        begin = time.perf_counter()
        act()
        waits.append(time.perf_counter() - begin)
    spent, served = (time.process_time() - cpu) / times, (cpu_of(backend) - server) / times
    worst = sorted(waits)[int(0.95 * (times - 1))]
    print(
        f"{name:36} median {1000 * statistics.median(waits):6.0f} ms, p95 {1000 * worst:6.0f} ms, "
        f"CPU {1000 * spent:6.0f} ms here and {1000 * served:6.0f} ms in the server, {queries} queries",
        flush=True,
    )


def _backend() -> int:
    """Return the process of the server that works for this one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def cpu_of(process: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def added_up(collection: object) -> Counter[str]:
    """Return what the accounts of each kind hold, added up in Python."""
    from moonbridge.ledger.models import Account

    found: Counter[str] = Counter()
    for account in Account.objects.filter(book=collection.book_id):  # type: ignore[attr-defined]
        found[account.kind] += account.balance
    return found


if __name__ == "__main__":
    main()
