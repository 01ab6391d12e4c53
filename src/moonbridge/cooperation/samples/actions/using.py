"""What a borrower does and reports while material is on loan: inventories, consumption, residue, sub-splits, duties."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Final
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.actions.holding import held_loan, line_of, lines_of, seal, step
from moonbridge.cooperation.samples.actions.keeping import PREP_LOSS
from moonbridge.cooperation.samples.actions.leaving import leave_over
from moonbridge.cooperation.samples.actions.moving import account, lock_lines, move, shift
from moonbridge.cooperation.samples.debts import today
from moonbridge.cooperation.samples.models import (
    Condition,
    DutyKind,
    Fulfilment,
    Inventory,
    InventoryRow,
    Loan,
    LoanLine,
    Parentage,
    Report,
    ReportKind,
    Split,
)
from moonbridge.cooperation.samples.names import USUAL, create, free_names
from moonbridge.cooperation.samples.rules.lending import is_borrower, is_officer
from moonbridge.cooperation.samples.states.lending import OWES
from moonbridge.cooperation.samples.stock import balances
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.ledger.genealogy import Descent, PieceKind, kind_of_part
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.engines.ledger.naming import scheme
from moonbridge.engines.lending.policy import Policy
from moonbridge.errors import InputError, NotAllowed, Refused, WrongState
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import once

_SHA256: Final = re.compile(r"^[0-9a-f]{64}$")
MOST_PARTS: Final = 40


@dataclass(frozen=True, slots=True)
class Found:
    """What an inventory found of one line; nanograms where it was weighed."""

    condition: str
    place: str = ""
    mass_ng: int | None = None
    note: str = ""


def take_inventory(loan: Loan, found: Mapping[UUID, Found], *, by: User, command: UUID) -> Inventory:
    """Answer for every line that the borrower holds, all at once. Nothing moves: what is missing is reported as an incident."""

    def act() -> str:
        kept = held_loan(loan, by, is_borrower, "take inventory")
        lines = lines_of(kept)
        if gone := [line.label for line in lines if line.pk in found and not line.is_held]:
            raise WrongState(gettext("%(line)s is not with you any more.") % {"line": ", ".join(gone)}, lines=gone)
        held = [line for line in lines if line.is_held]
        if unanswered := [line.label for line in held if line.pk not in found]:
            raise InputError(
                gettext("Still to be answered: %(lines)s.") % {"lines": ", ".join(unanswered)}, lines=unanswered
            )
        day = today()
        made = Inventory.objects.create(loan=kept, on=day, by=by)
        for line in held:
            one = found[line.pk]
            if one.condition not in Condition.values:
                raise InputError(gettext("%(line)s: say how you found it.") % {"line": line.label}, field=str(line.pk))
            InventoryRow.objects.create(inventory=made, line=line, **asdict(one))
        step(kept, "take inventory", last_inventory_on=day)
        missing = sum(found[line.pk].condition == Condition.MISSING for line in held)
        seal(kept, "take-inventory", {"lines": len(held), "missing": missing}, by=by)
        return str(made.pk)

    asked = {"loan": str(loan.pk), "found": {str(key): asdict(one) for key, one in found.items()}}
    return Inventory.objects.get(pk=once(command, "loan.take-inventory", asked, act, by=by))


def held_line(loan: Loan, line: LoanLine) -> LoanLine:
    """Return a line of the locked loan that is still with the borrower."""
    kept = line_of(loan, line)
    if not kept.is_held:
        raise WrongState(gettext("%(line)s is not with you any more.") % {"line": kept.label}, line=kept.label)
    return kept


def report(
    line: LoanLine, kind: ReportKind, mass_ng: int, *, what: str, video_sha256: str = "", contamination: int | None = None,
    by: User, command: UUID,
) -> Report:  # fmt: skip
    """Report that material was used up, or is left over from an analysis; the books follow at once.

    What is left over becomes a piece and a line of its own, of the class ``contamination`` (None: that of what it was). Where the
    policy asks for a film of destructive work, consumption needs the SHA-256 of the film.
    """

    def act() -> str:
        loan = held_loan(line.loan, by, is_borrower, "consume")
        kept, film = held_line(loan, line), video_sha256.strip().lower()
        _require_told(what, mass_ng)
        if kind == ReportKind.CONSUMED:
            _require_film(loan, film)
        spend = partial(leave_over, loan, contamination=contamination) if kind == ReportKind.RESIDUE else _consume
        movement = spend(kept, mass_ng, what=what.strip(), by=by, command=command)
        made = Report.objects.create(
            line=kept, kind=kind, mass_ng=mass_ng, what=what.strip(), video_sha256=film, movement=movement, by=by
        )
        facts = {"line": kept.label, "mass": SAMPLE_MASS.text(mass_ng), "video": film}
        seal(loan, f"report-{kind.value}", facts, by=by)
        return str(made.pk)

    asked = {"line": str(line.pk), "kind": kind.value, "mass": str(mass_ng), "what": what, "video": video_sha256}
    asked |= {} if contamination is None else {"contamination": str(contamination)}
    return Report.objects.get(pk=once(command, "loan.report", asked, act, by=by))


def _require_told(what: str, mass_ng: int) -> None:
    if not what.strip():
        raise InputError(gettext("Say what was done."), field="what")
    if mass_ng <= 0:
        raise InputError(gettext("Say how much it was."), field="mass")


def _require_film(loan: Loan, film: str) -> None:
    if film and not _SHA256.match(film):
        raise InputError(gettext("A SHA-256 has 64 digits and letters from a to f."), field="video_sha256")
    if not film and loan.policy.video_when_destructive.used:
        raise InputError(
            gettext("This policy asks for a film of destructive work; give the SHA-256 of its file."),
            field="video_sha256",
        )


def _consume(line: LoanLine, mass: int, *, what: str, by: User, command: UUID) -> UUID:
    kind = AccountKind.RESIDUE if AccountKind.RESIDUE in balances(line) else AccountKind.LOAN
    source, target = account(kind, line), account(AccountKind.CONSUMED, line)
    return shift(line, MovementKind.CONSUME, source, target, mass, by=by, command=command, reason=what)


def sub_split(
    line: LoanLine, parts: Sequence[int], *, loss_ng: int = 0, what: str, by: User, command: UUID
) -> list[LoanLine]:
    """Divide what is held of a line: each part (nanograms) becomes a piece and a line of its own; dust is ``loss_ng``.

    What is not in the parts stays in the line.
    """

    def act() -> list[str]:
        loan = held_loan(line.loan, by, is_borrower, "sub-split")
        kept = held_line(loan, line)
        _require_told(what, min(parts, default=0))
        if kept.lent is None or kept.lent.nominal or len(parts) > MOST_PARTS or loss_ng < 0:
            raise Refused(gettext("This piece cannot be divided like this."), line=kept.label)
        if sum(parts) + loss_ng > balances(kept).get(AccountKind.LOAN, 0):
            raise Refused(gettext("%(line)s has less than that.") % {"line": kept.label}, line=kept.label)
        return [str(made.pk) for made in _divide(loan, kept, parts, loss_ng, what.strip(), by=by, command=command)]

    asked = {"line": str(line.pk), "parts": [str(mass) for mass in parts], "loss": str(loss_ng), "what": what}
    keys = once(command, "loan.sub-split", asked, act, by=by)
    return list(LoanLine.objects.filter(pk__in=keys).select_related("loan", "lent").order_by("number"))


def _divide(
    loan: Loan, line: LoanLine, parts: Sequence[int], loss: int, what: str, *, by: User, command: UUID
) -> list[LoanLine]:
    last = loan.lines.aggregate(last=Max("number"))["last"]
    made = []
    lock_lines([line], lambda line: [account(AccountKind.LOAN, line), *([PREP_LOSS] if loss else [])])
    pieces = _pieces(line.lent or line.split, loan.policy, len(parts))
    for number, (piece, mass) in enumerate(zip(pieces, parts, strict=True), start=last + 1):
        made.append(
            LoanLine.objects.create(
                loan=loan, number=number, split=line.split, lent=piece, parent=line, disposition=line.disposition,
                granted_ng=mass, issued_ng=mass, issued_sigma_ng=line.issued_sigma_ng,
            )
        )  # fmt: skip
    legs = {account(AccountKind.LOAN, part): part.granted_ng for part in made}
    legs |= {PREP_LOSS: loss} if loss else {}
    legs[account(AccountKind.LOAN, line)] = -sum(parts) - loss
    movement = move(line, MovementKind.SUB_SPLIT, legs, by=by, command=command, reason=what)
    for part in made:
        piece = part.lent or part.split
        Parentage.objects.create(child=piece, parent=line.lent or line.split, kind=Descent.SPLIT, movement_id=movement)
        hand_over(piece, loan.institution, reason=part.label)
    Report.objects.create(
        line=line, kind=ReportKind.SUB_SPLIT, mass_ng=sum(parts) + loss, what=what, movement=movement, by=by
    )
    seal(loan, "report-sub-split", {"line": line.label, "parts": [part.label for part in made]}, by=by)
    return made


def _pieces(whole: Split, policy: Policy, many: int) -> list[Split]:
    """Make pieces of one that is with its borrower: named by the policy, and as clean as what they are made of, no cleaner."""
    naming, kind = scheme(policy.naming.used or USUAL), kind_of_part(PieceKind(whole.kind), PieceKind.SPLIT)

    def drawn() -> list[Split]:
        return [
            Split(
                collection=whole.collection, name=name, kind=kind.value, material=whole.material,
                description=whole.description, contamination=whole.contamination, facts=whole.facts,
            )
            for name in free_names(whole, naming, many)
        ]  # fmt: skip

    return create(drawn, chosen=())


def fulfil(loan: Loan, duty: DutyKind, reference: str, *, by: User, command: UUID) -> Fulfilment:
    """Say where the report, the data set or the publications of a loan are; possible from its receipt to its end."""
    return _fulfil(loan, duty, reference, waived=False, by=by, command=command)


def waive(loan: Loan, duty: DutyKind, reason: str, *, by: User, command: UUID) -> Fulfilment:
    """Release a borrower from a duty, as an officer and with a reason."""
    return _fulfil(loan, duty, reason, waived=True, by=by, command=command)


def _fulfil(loan: Loan, duty: DutyKind, reference: str, *, waived: bool, by: User, command: UUID) -> Fulfilment:
    def act() -> str:
        kept = Loan.objects.select_for_update(of=("self",)).select_related("agency", "borrower").get(pk=loan.pk)
        if not (is_officer if waived else is_borrower)(by, kept):
            raise NotAllowed("This is not yours to do.")
        if kept.state not in OWES:
            raise WrongState(gettext("Nothing is owed on this loan now."), state=kept.state)
        if not reference.strip():
            raise InputError(gettext("Say where it is, or why it is not needed."), field="reference")
        if kept.fulfilments.filter(duty=duty).exists():
            raise Refused(gettext("This duty is met already."), duty=duty.value)
        made = Fulfilment.objects.create(loan=kept, duty=duty, reference=reference.strip(), waived=waived, by=by)
        seal(kept, "waive-duty" if waived else "meet-duty", {"duty": duty.value, "reference": reference.strip()}, by=by)
        return str(made.pk)

    asked = {"loan": str(loan.pk), "duty": duty.value, "reference": reference, "waived": waived}
    return Fulfilment.objects.get(pk=once(command, "loan.fulfil", asked, act, by=by))
