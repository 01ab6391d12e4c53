"""Which fields each kind of entry may carry, and the type of value that each field takes.

The types are the keys of :data:`moonbridge.formats.catalogue.values.SCALAR_PARSERS` and ``COMPOSITES``, and ``texts`` for a list
of texts. A field that is not here is refused with the nearest known name, so that a slip of the pen never makes a second spelling
of a fact.
"""

from typing import Final

_ANYTHING: Final = {"summary": "text", "status": "text", "use": "text", "what": "text", "institution": "text"}

_RULES_OF_CALLS: Final = {
    "offer": "text",
    "eligibility": "text",
    "submission": "text",
    "criteria": "texts",
    "levels": "texts",
    "preference": "texts",
    "modes": "texts",
    "stages": "texts",
    "terms": "texts",
}

_DATES_OF_CALLS: Final = dict.fromkeys(
    (
        "announced",
        "released",
        "intent_deadline",
        "deadline",
        "original_deadline",
        "first_selection_promised",
        "first_selection",
        "proposal_deadline",
        "confirmation_promised",
        "answered",
        "hardware_delivery",
    ),
    "date",
)

_NUMBERS_OF_CALLS: Final = dict.fromkeys(
    (
        "proposals",
        "proposing_partners",
        "proposing_countries",
        "proposing_teams",
        "proposing_members",
        "passed_first_selection",
        "selected",
        "selected_full",
        "selected_conditional",
        "selected_proposals",
        "selected_countries",
        "selected_organisations",
        "selected_institutions",
    ),
    "count",
)

_MISSION: Final = {
    "profile": "text",
    "launch": "date",
    "lunar_orbit_insertion": "date",
    "mission_orbit_entered": "date",
    "landing": "date",
    "ascent": "date",
    "earth_return": "date",
    "asteroid_arrival": "date",
    "capsule_return": "date",
    "comet_arrival": "date",
    "delivered": "date",
    "science_operations_from": "date",
    "landing_site": "site",
    "orbit": "text",
    "relay_orbit": "orbit",
    "south_pole_orbit": "orbit",
    "mass": "mass",
    "launch_mass": "mass",
    "lander_payload_mass": "mass",
    "sample_mass": "sample mass",
    "sample_goal": "sample mass",
    "power": "power",
    "antenna": "length",
    "target_size": "length",
    "lifetime": "measure",
    "basalt_age": "measure",
    "cost": "measure",
    "payload_count": "count",
    "instrument_count": "count",
    "composition": "text",
    "companions": "text",
    "targets": "text",
    "instruments": "text",
    "payload": "text",
    "system": "text",
    "satellites": "text",
    "agreement": "text",
    "data_policy": "text",
    "access": "text",
    "first_year": "text",
    "proprietary_period": "text",
    "mass_budget": "text",
    "domestic_payloads": "text",
    "domestic_public_call": "text",
    "international_payloads": "text",
    "links": "text",
    "link_relay_to_surface": "text",
    "link_lander_to_relay": "text",
    "link_rover_to_relay": "text",
    "link_relay_to_earth": "text",
    "link_bands": "text",
}

_PAYLOAD: Final = {
    "mass": "mass",
    "power": "power",
    "box": "box",
    "data": "text",
    "data_rate": "measure",
    "field_of_view": "text",
    "energy_range": "measure",
    "band": "measure",
    "antennas": "text",
    "detectors": "text",
    "instruments": "text",
    "goal": "text",
    "result": "text",
    "naming": "text",
    "operations": "text",
    "where_32_hours": "text",
    "constraints": "text",
    "follow_on": "text",
    "loss_reason": "text",
}

_PROGRAMME: Final = {
    # lunar samples
    "procedures": "text",
    "rules_international": "text",
    "scope": "text",
    "roles": "texts",
    "expert_committee": "text",
    "categories": "texts",
    "share_for_science": "text",
    "loan_research": "text",
    "loan_public": "text",
    "destructive_use": "text",
    "agreement_contents": "texts",
    "after_approval": "text",
    "approval_chain": "text",
    "hearing": "text",
    "units": "text",
    "collection_axes": "text",
    "portal": "text",
    "numbering": "text",
    "publications": "text",
    # science data
    "system": "text",
    "rule": "text",
    "format": "text",
    "dataset_fields": "texts",
    "request_form": "text",
    "batch_example": "text",
    "latency_example": "text",
    "partner_handover": "texts",
    "proprietary_period": "text",
    "ce5_first_release": "date",
    # the research station
    "origin": "text",
    "phases_2021": "texts",
    "phases_now": "texts",
    "cooperation_levels": "texts",
    "participation": "text",
    "organisation": "text",
    "totals": "text",
    "target": "text",
    "member_countries": "text",
    # launch services
    "examples": "text",
}

_BATCH: Final = {
    "opened": "date",
    "deadline": "date",
    "announced": "date",
    "review": "date",
    "handed_over": "date",
    "eligibility": "text",
    "offered_items": "count",
    "offered_mass": "sample mass",
    "applications": "count",
    "applicants": "count",
    "applying_institutions": "count",
    "approved": "count",
    "responsible_users": "count",
    "institutions": "count",
    "given_mass": "sample mass",
    "given_sections": "count",
    "given_sections_mass": "sample mass",
    "given_clasts": "count",
    "given_clasts_mass": "sample mass",
    "given_powder_mass": "sample mass",
}

_ROUND: Final = {
    "opened": "date",
    "deadline": "date",
    "answered": "date",
    "applications": "count",
    "applying_partners": "count",
    "requested_samples": "count",
    "approved_institutions": "count",
    "approved_countries": "count",
    "agreements_signed": "count",
}

_LOAN: Final = {
    "responsible_user": "text",
    "mass": "sample mass",
    "items": "text",
    "received": "date",
    "study": "text",
    "funding": "text",
}

_GIFT: Final = {"mass": "sample mass", "parts": "text", "exchange": "text", "given": "date", "holder": "text"}

_PRACTICE: Final = dict.fromkeys(
    ("collection", "losses", "audit", "rules_2012", "identity", "request", "return"), "text"
)

FIELDS: Final[dict[str, dict[str, str]]] = {
    "programme": _ANYTHING | _PROGRAMME,
    "mission": _ANYTHING | _MISSION,
    "element": _ANYTHING | {"orbit": "text", "lifetime": "measure", "mass": "mass", "power": "power"},
    "site": _ANYTHING | {"place": "site", "published_light": "text", "terrain": "text"},
    "payload": _ANYTHING | _PAYLOAD,
    "call": _ANYTHING
    | _RULES_OF_CALLS
    | _DATES_OF_CALLS
    | _NUMBERS_OF_CALLS
    | {"first_selection_result": "text", "result": "text", "domestic_side_call": "text", "second_call": "text"},
    "experiment": _ANYTHING | {"condition": "text"},
    "batch": _ANYTHING | _BATCH,
    "round": _ANYTHING | _ROUND,
    "loan": _ANYTHING | _LOAN,
    "gift": _ANYTHING | _GIFT,
    "membership": {"member": "flag", "joined": "date", "instrument": "text", "role": "text"},
    "agreement": {"signed": "date", "subject": "text", "outcome": "text"},
    "practice": _ANYTHING | _PRACTICE,
    "lesson": _ANYTHING,
    "question": _ANYTHING,
}
"""Field -> type of value, by kind of entry."""

ENVELOPE_FIELDS: Final = {
    "mass": "mass",
    "power": "power",
    "box": "box",
    "temperature": "measure",
}
"""Resources that the envelope of a call may limit; each also with ``_per_item`` for a limit on every single payload."""

PER_ITEM: Final = "_per_item"
"""The ending of an envelope field that limits each payload by itself."""
