"""A verdict for each column of the review: the fact that changes it, or why two worlds need not differ in it.

A new column without a line here fails the test: whoever adds one says who may learn of it.
"""

from typing import Final

PLACE: Final = "says to which row it belongs; that the row is there is a fact of its own"
COUNTER: Final = "rises with what is written, which is a fact of its own"
RULE: Final = "a rule of the review, which everybody in the panel may know"
AGENT: Final = "who acted for the office or the panel; shown where the act is"
HALF: Final = "changes only together with a column that has a fact"

COLUMNS: Final[dict[str, dict[str, str]]] = {
    "Round": dict.fromkeys(("id", "opportunity"), PLACE)
    | dict.fromkeys(("mode", "state", "first_reminder_days", "second_reminder_days", "concluded_at", "begun_at"), RULE)
    | {"version": COUNTER, "begun_by": AGENT},
    "Panel": dict.fromkeys(("id", "round"), PLACE)
    | dict.fromkeys(
        (
            "kind", "name", "demand", "least", "most", "quotas", "distributed", "per_team", "penalty", "position", "criteria",
        ), RULE,
    ),
    "Descriptor": {"id": PLACE, "panel": PLACE, "criterion": PLACE, "value_permille": RULE, "text": RULE, "text_zh": RULE},
    "Seat": {
        "id": PLACE, "panel": PLACE, "user": "who reviews", "duty": RULE, "label": RULE, "for_team": PLACE, "least": "a reviewer's load",
        "most": "a reviewer's load", "orcid": "a reviewer's ORCID", "ror": "a reviewer's ROR", "funding": "a reviewer's funding",
        "kinds": "a reviewer's kinds", "keywords": "a reviewer's keywords", "texts": "a reviewer's texts",
        "languages": "a reviewer's languages", "seated_by": AGENT, "seated_at": HALF, "left_at": "that a reviewer left",
        "left_because": "that a reviewer left",
    },
    "RefereeInvitation": {
        "id": PLACE, "panel": PLACE, "email": "an invited address", "secret_sha256": "only the digest of a secret", "duty": RULE,
        "about": "what is said of an invited person", "note": "a word to an invited person", "invited_by": AGENT, "created_at": HALF,
        "sent_at": HALF, "expires_at": HALF, "seat": PLACE, "declined_at": "an invitation declined",
        "declined_because": "why an invitation was declined", "revoked_at": "an invitation revoked", "proposals": PLACE,
    },
    "Item": {
        "id": PLACE, "panel": PLACE, "proposal": PLACE, "demand": RULE, "state": "that it is discussed now",
        "position": "the place on the agenda", "left_out_because": "that it is not discussed", "opened_at": HALF, "closed_at": HALF,
        "consensus": "a consensus", "to_team": "the panel's word to the team", "confidential": "the panel's confidence",
        "recorded_by": AGENT, "version": COUNTER,
    },
    "Remark": {"id": PLACE, "item": PLACE, "by": "who said a remark", "text": "a remark", "at": HALF},
    "Reminder": {"id": PLACE, "seat": PLACE, "what": "a reminder", "sent_by": AGENT, "sent_at": HALF},
    "Conflict": {
        "id": PLACE, "proposal": PLACE, "user": PLACE, "source": "a conflict's source", "ground": "a conflict's ground",
        "evidence": "a conflict's evidence", "certain": "whether a conflict is certain", "standing": "a lifted conflict is there",
        "found_by": AGENT, "found_at": HALF, "lifted_by": AGENT, "lifted_at": HALF, "lifted_because": "why a conflict was lifted",
    },
    "LateFinding": {
        "id": PLACE, "proposal": PLACE, "user": PLACE, "source": HALF, "ground": HALF, "found_at": "a conflict of a review that goes on",
    },
    "KnownList": dict.fromkeys(("id", "round"), PLACE)
    | {"kind": RULE, "years": RULE, "name": "a list of papers", "rows": "a list of papers", "uploaded_by": AGENT, "uploaded_at": HALF},
    "Declaration": {"id": PLACE, "seat": PLACE, "item": PLACE, "bid": "a bid", "declared_at": HALF},
    "SetAside": {
        "id": PLACE, "panel": PLACE, "proposal": PLACE, "because": "why a proposal is set aside", "by": AGENT, "at": HALF,
        "lifted_by": AGENT, "lifted_at": HALF,
    },
    "Review": {
        "id": PLACE, "item": PLACE, "seat": "who reviews", "state": "that a review is begun", "to_team": "a comment to the team",
        "confidential": "a confidential comment", "expertise": "how expert a reviewer is", "verdict": "a technical verdict",
        "version": COUNTER, "assigned_by": AGENT, "assigned_at": HALF, "saved_at": "when a draft was saved",
        "submitted_at": "when it was submitted", "ended_because": "why somebody recused",
    },
    "Mark": {"id": PLACE, "review": PLACE, "criterion": PLACE, "value_permille": "a mark", "comment": "why a mark"},
    "Allocation": {
        "id": PLACE, "panel": PLACE, "asked": "what an assignment was asked for", "digest": HALF, "state": "a proposed assignment",
        "done": "a proposed assignment", "answer": HALF, "made_by": AGENT, "made_at": HALF, "decided_by": AGENT, "decided_at": HALF,
        "items": PLACE,
    },
    "ScoreTable": dict.fromkeys(("id", "opportunity"), PLACE)
    | {"number": COUNTER, "name": "a score table's name", "sha256": HALF, "rows": HALF, "uploaded_by": AGENT, "uploaded_at": HALF},
    "Score": {
        "id": PLACE, "table": PLACE, "proposal": PLACE, "criterion": PLACE, "reviewer": "a score's reviewer",
        "value_permille": "a score that counts", "comment": "a score's comment",
    },
    "Calibration": {
        "id": PLACE, "table": PLACE, "counts": HALF, "codes": HALF, "merits": "a calibrated merit", "means": "a calibrated merit",
        "covariance": HALF, "facts": HALF,
    },
    "Preview": dict.fromkeys(("id", "round"), PLACE)
    | {"digest": HALF, "done": HALF, "answer": HALF, "covariance": HALF, "asked_by": AGENT, "asked_at": HALF},
    "Withholding": {
        "id": PLACE, "review": PLACE, "mark": PLACE, "item": PLACE, "reason": "why a comment is withheld", "by": AGENT, "at": HALF,
    },
    "Debrief": {"id": PLACE, "proposal": PLACE, "content": "what a team was told", "released_by": AGENT, "released_at": HALF},
}  # fmt: skip
