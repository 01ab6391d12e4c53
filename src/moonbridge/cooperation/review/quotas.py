"""Quotas as an office writes them, one on a line: ``engineer>=1`` or ``country<=1``."""

import re
from typing import Any, Final

from django.utils.translation import gettext

from moonbridge.engines.reviewing.quotas import BY_EACH, KIND
from moonbridge.errors import InputError

_LINE: Final = re.compile(r"(?P<group>[^<>=\s][^<>=]*?)\s*(?P<sign><=|>=)\s*(?P<number>\d{1,3})")

type Quota = dict[str, Any]
"""``by`` ("kind" or one of the engine's BY_EACH), ``value`` (the kind, else empty), ``low``, and ``high`` or None."""


def read(text: str) -> list[Quota]:
    """Return the quotas that ``text`` says; raises :class:`InputError` with the first line that is none."""
    return [_quota(line.strip()) for line in text.splitlines() if line.strip()]


def _quota(line: str) -> Quota:
    match = _LINE.fullmatch(line)
    if match is None:
        raise InputError(
            gettext("“%(line)s” is no quota; write for example engineer>=1 or country<=1.") % {"line": line}
        )
    group, number = match["group"].casefold(), int(match["number"])
    each, least = group in BY_EACH, match["sign"] == ">="
    if each and least:
        raise InputError(gettext("A quota on %(group)s says how many of one there are at most.") % {"group": group})
    low, high = (number, None) if least else (0, number)
    return {"by": group if each else KIND, "value": "" if each else group, "low": low, "high": high}


def written(quotas: list[Quota]) -> str:
    """Return quotas as :func:`read` takes them."""
    return "\n".join(map(_line, quotas))


def _line(quota: Quota) -> str:
    group = quota["value"] or quota["by"]
    return f"{group}>={quota['low']}" if quota["high"] is None else f"{group}<={quota['high']}"
