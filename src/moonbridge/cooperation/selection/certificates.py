"""The certificate of a recommendation, from what was found."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.sentences import source_sentence
from moonbridge.errors import TamperedError
from moonbridge.formats.calls.certificate import certificate
from moonbridge.formats.calls.read import call_from_text
from moonbridge.record.queries import signer


def certified(problem: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the signed certificate of a portfolio that was ``found`` (see ``results``) and proven for ``problem`` (call data).

    The independent checker looks at it first: nothing is signed that does not keep every limit and rule.
    """
    asked = call_from_text(json.dumps(problem), "json")
    verdict = check_choices(asked, found["choices"])
    if not verdict.feasible:
        broken = [source_sentence(asked, source) for source in verdict.broken]
        raise TamperedError("The portfolio that was found does not keep the rules of its call.", broken=broken)
    bounds = (Fraction(found["bound"]),)
    result = Result(asked, found["choices"], verdict.values, bounds, proven=True, solver=found["solver"])
    return certificate(result, signer())
