"""Begin a request and write it; nobody's words are overwritten unseen. Submit it, take it back, withdraw it."""

from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions.holding import drawn, held_request, policy_of, seal
from moonbridge.cooperation.samples.debts import delinquency, today
from moonbridge.cooperation.samples.models import Request, RequestLine, Split
from moonbridge.cooperation.samples.rules.lending import is_applicant
from moonbridge.cooperation.samples.states.lending import REQUESTS, RequestState
from moonbridge.cooperation.samples.stock import catalogue
from moonbridge.engines.ledger.seal import commitment
from moonbridge.errors import DoesNotFit, InputError, Refused, Stale, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now

MOST_LINES = 60


def begin(agency: Partner, *, split: Split | None = None, by: User, command: UUID) -> Request:
    """Begin a draft to an agency that lends, with ``split`` as its first line where one is given."""

    def act() -> str:
        policy_of(agency.pk)
        made = Request.objects.create(
            agency=agency, code=drawn("R-", Request), by=by, institution=by.institution, country=by.country,
            synthetic=bool(split and split.collection.book.synthetic),
        )  # fmt: skip
        if split is not None:
            _add(made, split)
        return str(made.pk)

    asked = {"agency": str(agency.pk), "split": str(split.pk) if split else ""}
    return again(once(command, "sample-request.begin", asked, act, by=by))


def add(request: Request, split: Split, *, by: User, command: UUID) -> Request:
    """Put one more split on the list of what is asked for."""

    def act() -> str:
        kept = held_request(request, by, is_applicant)
        _require_draft(kept)
        _add(kept, split)
        _saved(kept)
        return str(kept.pk)

    asked = {"request": str(request.pk), "split": str(split.pk)}
    return again(once(command, "sample-request.add", asked, act, by=by))


def _add(request: Request, split: Split) -> None:
    if not catalogue().filter(pk=split.pk, collection__agency=request.agency_id).exists():
        raise InputError(gettext("This piece is not in the catalogue of this agency."), field="split")
    if request.lines.count() >= MOST_LINES:
        raise Refused(gettext("A request has at most %(most)d pieces.") % {"most": MOST_LINES}, most=MOST_LINES)
    position = request.lines.count()
    RequestLine.objects.get_or_create(request=request, split=split, defaults={"position": position})
    if split.collection.book.synthetic and not request.synthetic:
        request.synthetic = True
        request.save(update_fields=["synthetic"])


def save(request: Request, draft: asking.Draft, *, version: int, by: User, command: UUID) -> Request:
    """Make the request say what ``draft`` says, if it is still in the ``version`` that the writer has read.

    Raises :class:`Stale` otherwise, with what stands there and what was sent in ``numbers["differences"]``. Lines that are not in the
    draft are taken off; new ones come by :func:`add`.
    """

    def act() -> str:
        kept = held_request(request, by, is_applicant)
        _require_draft(kept)
        changed = asking.differences(asking.read(kept), draft)
        if changed and kept.version != version:
            raise Stale(
                gettext("Somebody else changed this request since you read it; nothing was overwritten."),
                read=version, now=kept.version, differences={name: list(pair) for name, pair in changed.items()},
            )  # fmt: skip
        if changed:
            asking.write(kept, draft)
            _saved(kept)
        return str(kept.pk)

    asked = {"request": str(request.pk), "draft": asking.as_json(draft), "version": str(version)}
    return again(once(command, "sample-request.save", asked, act, by=by))


@transaction.atomic
def write(agency: Partner, draft: asking.Draft, *, by: User, command: UUID) -> Request:
    """Begin a request that says all of ``draft`` at once, as programs do; nothing is begun where a part of it is refused."""
    made = begin(agency, by=by, command=command)
    splits = Split.objects.select_related("collection__book").in_bulk([line.split for line in draft.lines])
    if len(splits) < len(draft.lines):
        raise InputError(gettext("Name each piece once, by its id in the catalogue."), field="split")
    for line in draft.lines:
        add(made, splits[line.split], by=by, command=uuid5(command, str(line.split)))
    # The version that the lines led to: the same on each repetition, whatever became of the request since.
    return save(made, draft, version=1 + len(draft.lines), by=by, command=uuid5(command, "save"))


def _require_draft(request: Request) -> None:
    if request.state != RequestState.DRAFT:
        raise WrongState(gettext("Only a draft can be changed; take the request back first."), state=request.state)


def _saved(request: Request) -> None:
    request.version += 1
    request.saved_at = database_now()
    request.save(update_fields=["version", "saved_at"])


def submit(request: Request, *, version: int, by: User, command: UUID) -> Request:
    """Submit exactly the ``version`` that was read. Raises :class:`Refused` with all that is missing or does not fit."""

    def act() -> str:
        kept = held_request(request, by, is_applicant, "submit")
        if kept.version != version:
            raise Stale(
                gettext("It changed since you read it; read it again and submit then."), read=version, now=kept.version
            )
        _require_complete(kept)
        kept.state, kept.submitted_at = REQUESTS.after("submit", kept.state), database_now()
        kept.save(update_fields=["state", "submitted_at"])
        # The office reads this chain, and some of it may have a conflict: what is asked can be proven, and is not told.
        said = commitment(asking.lines_text(kept), str(command))
        seal(kept, "submit-sample-request", {"code": kept.code, "lines": said}, by=by)
        return str(kept.pk)

    return again(once(command, "sample-request.submit", {"request": str(request.pk), "version": version}, act, by=by))


def _require_complete(request: Request) -> None:
    draft = asking.read(request)
    if missing := [one.sentence for one in asking.missing(draft)]:
        raise Refused(
            gettext("This request is not complete yet: %(what)s") % {"what": " ".join(missing)}, missing=missing
        )
    debts = delinquency(request.by, request.institution, today())
    if found := asking.fit_of(request, policy_of(request.agency_id), debts).hindrances:
        sentences = [asking.sentence(one) for one in found]
        raise DoesNotFit(gettext("It does not fit: %(why)s") % {"why": " ".join(sentences)}, hindrances=sentences)


def take_back(request: Request, *, by: User, command: UUID) -> Request:
    """Make a submitted request a draft again, until it is decided."""
    return _end(request, "take back", by=by, command=command)


def withdraw(request: Request, *, by: User, command: UUID) -> Request:
    """Withdraw a draft or a submitted request for good."""
    return _end(request, "withdraw", by=by, command=command)


def _end(request: Request, verb: str, *, by: User, command: UUID) -> Request:
    def act() -> str:
        kept = held_request(request, by, is_applicant, verb)
        was_known = kept.submitted_at is not None
        kept.state = REQUESTS.after(verb, kept.state)
        kept.submitted_at = None if kept.state == RequestState.DRAFT else kept.submitted_at
        kept.save(update_fields=["state", "submitted_at"])
        kept.assessments.filter(conflict="").delete()  # who declared a conflict keeps it, whatever is asked next
        if was_known:
            seal(kept, f"{verb.replace(' ', '-')}-sample-request", {"code": kept.code}, by=by)
        return str(kept.pk)

    return again(once(command, f"sample-request.{verb}", {"request": str(request.pk)}, act, by=by))


def again(key: str | UUID) -> Request:
    """Return the request with this id as it stands now."""
    return Request.objects.select_related("agency__lender", "by").get(pk=key)
