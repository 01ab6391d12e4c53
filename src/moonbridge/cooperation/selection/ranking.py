"""In which order those left out stand on the reserve list."""

from fractions import Fraction
from typing import Any

from moonbridge.engines.selection.result import Reason


def reserve_ranks(result: dict[str, Any]) -> list[str]:
    """Return the codes of the proposals that may stand on the reserve list, the first in line first.

    First comes who would come in after the largest number of single losses (``comes_in`` of the kept result); among equals, whose entry
    would cost the portfolio least; then the higher merit; then the code. Whom the office left out, and who cannot fly at
    all, is not on the list.
    """
    waiting = {
        code: explanation
        for code, explanation in result["explanations"].items()
        if explanation["reason"] in {Reason.OUTWEIGHED, Reason.TIED}
    }

    def order(code: str) -> tuple[int, Fraction, Fraction, str]:
        explanation = waiting[code]
        loss, merit = (Fraction((explanation[name] or {"fraction": "0"})["fraction"]) for name in ("loss", "merit"))
        return (-result["comes_in"].get(code, 0), loss, -merit, code)

    return sorted(waiting, key=order)
