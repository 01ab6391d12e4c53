"""Whom the statements of teams mean: a person by address or name, or everybody of an institution."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from uuid import UUID

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import NamedConflict
from moonbridge.engines.reviewing.names import close, name_keys, plain


def is_meant(named: NamedConflict, user: User) -> bool:
    """Return whether ``user`` is the person named, or of the institution named; a name that only comes close counts too."""
    if named.email:
        return named.email.casefold() == user.email.casefold()
    if named.name:
        return close(named.name, user.name)
    return bool(user.institution) and _words(named.institution) == _words(user.institution)


def meant(statements: Iterable[NamedConflict], users: Iterable[User]) -> Iterator[tuple[NamedConflict, User]]:
    """Yield each statement with everybody of ``users`` whom it means, without comparing everybody with everybody."""
    under: dict[str, dict[UUID, NamedConflict]] = defaultdict(dict)
    for named in statements:
        for key in _keys(named.email, named.name, named.institution):
            under[key][named.pk] = named
    for user in users:
        keys = [key for key in _keys(user.email, user.name, user.institution) if key in under]
        likely = {pk: named for key in keys for pk, named in under[key].items()}
        yield from ((named, user) for named in likely.values() if is_meant(named, user))


def _keys(email: str, name: str, institution: str) -> Iterator[str]:
    yield f"mail {email.casefold()}"
    yield from (f"name {key}" for key in name_keys(name))
    yield f"at {' '.join(_words(institution))}"


def _words(text: str) -> list[str]:
    return plain(text).split()
