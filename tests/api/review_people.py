"""How the API answers somebody for whom a thing of a review is not there."""

from typing import Any

from api.programs import Program
from moonbridge.accounts.models import User


def absent_alike(user: User, path: str, lost: str, given: dict[str, Any] | None = None) -> None:
    """Require that ``path`` answers ``user`` like ``lost``, at which there is nothing, byte for byte; ``given`` is sent to both."""
    program = Program(user)
    if given is None:
        answers = [program.get(where) for where in (path, lost)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    else:
        assert program.post(path, given, status=404) == program.post(lost, given, status=404)
