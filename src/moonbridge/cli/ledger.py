"""The books: audit them, torture them, bring collections in."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moonbridge.errors import InputError, TamperedError

if TYPE_CHECKING:
    from moonbridge.cooperation.programmes.models import Partner

UNLOCKED_RACES = 100
"""Enough to find double lends in the variant without locks."""

ledger = typer.Typer(help="The books of samples and resources.", no_args_is_help=True)


@ledger.callback()
def group() -> None:
    """Work with the books of samples and resources."""


@ledger.command("audit")
def audit(
    book: Annotated[str | None, typer.Argument(help="The slug of one book; default: all.")] = None,
    at: Annotated[datetime | None, typer.Option(help="As of this instant (UTC); default: now.")] = None,
) -> None:
    """Recompute everything the books promise from their entries alone, and tell every difference."""
    _set_up()
    from moonbridge.ledger.audit import audit as audited
    from moonbridge.ledger.models import Book

    books = Book.objects.filter(slug=book) if book else Book.objects.order_by("slug")
    if book and not books:
        raise InputError(f"there is no book {book!r}", field="book")
    differences = 0
    for each in books:
        found = audited(each, at=at.replace(tzinfo=UTC) if at else None)
        counted = ", ".join(f"{many} {what}" for what, many in found.counted.items())
        print(f"{each.slug}: {counted}: {'as promised' if found.clean else 'NOT AS PROMISED'}")
        for difference in found.differences:
            print(f"  {difference.promise}: {difference.subject} {difference.fault}")
        differences += len(found.differences)
    if differences:
        raise TamperedError(
            f"The books differ from what they promise in {differences} places.", differences=differences
        )


@ledger.command("import")
def import_list(
    agency: Annotated[str, typer.Option(help="The slug of the agency that keeps the collection.")],
    file: Annotated[Path | None, typer.Argument(help="A list of samples (CSV), as it was published.")] = None,
    prefix: Annotated[str, typer.Option(help="Stands before the slug of each mission's collection.")] = "list",
    synthetic: Annotated[int, typer.Option(help="Make a synthetic collection of so many splits instead.")] = 0,
    seed: Annotated[int, typer.Option(help="The seed of a synthetic collection.")] = 1,
) -> None:
    """Bring a collection in as it is: exact to the nanogram, every impossible or empty row named. Repeating it changes nothing."""
    _set_up()
    host = _agency(agency)
    if synthetic:
        _import_synthetic(host, synthetic, seed)
    elif file is not None:
        _import_file(host, file, prefix)
    else:
        raise InputError("name a file, or say --synthetic with a number of splits", field="file")


@ledger.command("replay")
def replay(
    batch: Annotated[
        str, typer.Argument(help="The slug of a release of samples in the catalogue.")
    ] = "change-5-batch-1",
    agency: Annotated[str, typer.Option(help="The slug of the agency that gave it.")] = "cnsa",
) -> None:
    """Book a published release as movements: what was given must be the sum of its parts, to the nanogram. Repeating it changes nothing."""
    _set_up()
    from moonbridge.cooperation.samples.actions.replaying import replay as replayed
    from moonbridge.formats import catalogue
    from moonbridge.quantities import SAMPLE_MASS

    found = catalogue.load().entries.get(f"batch/{batch}")
    if not isinstance(found, catalogue.SampleBatch):
        raise InputError(f"there is no release {batch!r} in the catalogue", field="batch")
    told = replayed(found, agency=_agency(agency))
    parts = " + ".join(f"{SAMPLE_MASS.text(mass, 'g')} ({part})" for part, mass in told.parts.items())
    print(f"{found.name}: {SAMPLE_MASS.text(told.mass, 'g')} = {parts}")
    print(f"{told.movements} new movements in {told.collection.book.slug}")


@ledger.command("log")
def log(
    book: Annotated[str, typer.Argument(help="The slug of a book.")],
) -> None:
    """Append what moved to the Merkle log of a book, and write the whole log to standard output."""
    _set_up()
    from moonbridge.ledger import log as logs
    from moonbridge.ledger.models import Book

    found = Book.objects.filter(slug=book).first()
    if found is None:
        raise InputError(f"there is no book {book!r}", field="book")
    logs.append_new(found)
    sys.stdout.writelines(logs.exported(found))


def _set_up() -> None:
    from moonbridge.site import preparation

    preparation.set_up_django()


def _agency(slug: str) -> "Partner":
    from moonbridge.cooperation.programmes.models import Partner, PartnerKind

    found = Partner.objects.filter(kind=PartnerKind.AGENCY, slug=slug).first()
    if found is None:
        raise InputError(f"there is no agency {slug!r}", field="agency")
    return found


def _import_file(host: "Partner", file: Path, prefix: str) -> None:
    from moonbridge.cooperation.samples.actions.importing import import_specimens
    from moonbridge.formats.specimens import read
    from moonbridge.quantities import SAMPLE_MASS

    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"it cannot be read ({problem})", file=str(file)) from None
    told = import_specimens(read(lines, name=str(file)), agency=host, prefix=prefix, source=file.name)
    print(f"{told.samples} samples, {SAMPLE_MASS.text(told.mass, 'g')}, {told.movements} new movements")
    for row in told.impossible:
        posted = (
            f"{SAMPLE_MASS.text(row.excess)} to ADJUST"
            if row.excess
            else "nothing of it can be posted, it is only reported"
        )
        whole = SAMPLE_MASS.text(row.mass or 0, "g")
        print(f"  row {row.line}: {row.number} is stated as {row.stated_percent} % remaining of {whole}: {posted}")
    print(f"  {len(told.empty)} rows state no mass: " + ", ".join(f"{row.line} ({row.number})" for row in told.empty))


def _import_synthetic(host: "Partner", splits: int, seed: int) -> None:
    from moonbridge.cooperation.samples.actions.importing import import_pieces
    from moonbridge.cooperation.samples.actions.keeping import open_collection
    from moonbridge.engines.ledger.synthetic import SyntheticCollection

    made = SyntheticCollection(splits, seed)
    collection = open_collection(
        f"synthetic-{splits}-{seed}",
        name=f"Synthetic collection of {splits} splits",
        agency=host,
        synthetic=True,
    )
    new = import_pieces(collection, made.pieces(), made.movements())
    print(f"{splits} synthetic splits, {new} new movements in {collection.book.slug}")


@ledger.command("torture")
def torture(
    steps: Annotated[int, typer.Option(help="Steps of the simulator.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The seed; the same gives the same run.")] = 1,
    races: Annotated[int, typer.Option(help="Two-way races through the site, and a tenth as many 16-way ones.")] = 200,
    kills: Annotated[int, typer.Option(help="How often a database server is killed under load.")] = 10,
    disk: Annotated[bool, typer.Option(help="Fill a small disk as well; takes root.")] = False,
) -> None:
    """Try to break the books: simulator, planted faults, races, kill -9, a full disk. On scratch servers; your data are not touched."""
    broken = [
        *_simulated(steps, seed),
        *_planted(seed),
        *_raced(races),
        *_killed(kills, seed),
        *(_on_a_full_disk() if disk else ()),
    ]
    if broken:
        raise TamperedError("The books do not keep what they promise: " + "; ".join(broken), broken=broken)
    print("Every promise was kept.")


def _simulated(steps: int, seed: int) -> list[str]:
    from moonbridge.engines.ledger.torture.oracle import BrokenPromise
    from moonbridge.engines.ledger.torture.simulator import Simulator

    try:
        told = Simulator(seed).run(steps)
    except BrokenPromise as found:
        return [f"{found} (seed {seed}, step {found.numbers['step']})"]
    happened = ", ".join(f"{many} {what}" for what, many in sorted(told.counts.items()))
    print(f"simulator: {told.steps} steps of seed {seed}: {happened}; history {told.digest[:16]}")
    return []


def _planted(seed: int) -> list[str]:
    from moonbridge.engines.ledger.torture.mutants import MUTANTS, caught

    missed = [mutant.name for mutant in MUTANTS if caught(mutant, seed=seed, steps=20_000) is None]
    print(f"planted faults: {len(MUTANTS) - len(missed)} of {len(MUTANTS)} caught")
    return [f"the planted fault “{name}” went unnoticed" for name in missed]


def _killed(kills: int, seed: int) -> list[str]:
    from moonbridge.site.torture import killing, scratch

    with scratch.scratch() as server:
        told = killing.kill_under_load(server, kills, seed=seed)
    print(
        f"{told.kills} kills: {told.acknowledged} acknowledged, {told.lost} lost, {told.partial} partial; "
        f"{told.unknown} without an answer, {told.resolved_as_done} of them done, all resolved by their ids"
    )
    return ["a kill lost something"] if told.lost or told.partial or told.unbacked else []


def _raced(races: int) -> list[str]:
    """Race through the site, and then through its unlocked variant, which spoils the scratch server for anything else."""
    from moonbridge.site.torture import scratch
    from moonbridge.site.torture.races import race

    if not races:
        return []
    broken: list[str] = []
    with scratch.scratch(whole=True) as server:
        for ways, many in ((2, races), (16, -(-races // 10))):
            told = race(server.url, server.state, races=many, ways=ways)
            print(
                f"{many} {ways}-way races through the site: {told.lent_twice} double lends, {told.not_lent} not lent, {told.astray} astray"
            )
            broken += [] if told.kept else [f"the {ways}-way races: {told}"]
        unlocked = race(server.url, server.state, races=UNLOCKED_RACES, ways=4, locked=False)
    print(f"{UNLOCKED_RACES} races without locks: {unlocked.lent_twice} double lends")
    return [*broken, *([] if unlocked.lent_twice else ["the races do not find what is there"])]


def _on_a_full_disk() -> list[str]:
    from moonbridge.site.torture.full_disk import fill_under_load, small_disk
    from moonbridge.site.torture.scratch import scratch

    with small_disk() as disk, scratch(disk) as server:
        told = fill_under_load(server, disk)
    print(f"full disk: {told.acknowledged} acknowledged, then {told.refusal}; {told.lost} lost, {told.partial} partial")
    return [] if told.goes_on and not (told.lost or told.partial or told.unbacked) else ["a full disk lost something"]
