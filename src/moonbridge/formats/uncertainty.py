"""How well a place is known, as people write it: ``20``, a circle of 20 m, or ``20x5@30``, an ellipse."""

import re
from typing import Final

from moonbridge.engines.moon.uncertainty import Ellipse
from moonbridge.errors import InputError

_NUMBER: Final = r"(\d+(?:\.\d+)?)"
_WRITTEN: Final = re.compile(rf"{_NUMBER}(?:\s*[x\u00d7]\s*{_NUMBER}\s*@\s*(-?\d+(?:\.\d+)?))?")


def parse(text: str, *, field: str) -> Ellipse:
    """Return the ellipse: semi-axes in metres, the azimuth of the longer one in degrees; :class:`InputError` with an example else."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise InputError(
            f"“{text}” is no uncertainty; write 20 for a circle of 20 m, or 20x5@30 for an ellipse with half-axes of 20 m and 5 m, "
            "the longer one towards the azimuth 30",
            field=field,
        )
    longer, shorter, azimuth = found.groups()
    if not float(longer) > 0:
        raise InputError(f"an uncertainty is more than nothing, not {longer} m", field=field)
    if shorter is None:
        return Ellipse.circle(float(longer))
    return Ellipse(float(longer), float(shorter), float(azimuth))
