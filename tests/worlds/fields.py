"""A verdict for each column of proposals, reviews and selection: the fact that changes it, or why two worlds need not differ in it.

A new column without a line here fails the test: whoever adds one says who may learn of it. A verdict that names a fact is held to it:
one of that name does write the column, or takes away a row that has it.
"""

from typing import Final

PLACE: Final = "says to which row it belongs; that the row is there is a fact of its own"
COUNTER: Final = "rises with what is written, which is a fact of its own"
RULE: Final = "a rule of the review, which everybody in the panel may know"
AGENT: Final = "who acted for the office or the panel; shown where the act is"
HALF: Final = "changes only together with a column that has a fact"
LABEL: Final = "says that something is not real, wherever that is shown"
DRAWN: Final = "drawn by lot, and says no more than that the row is there"
DRAFT: Final = "kept of what is not submitted; a submitted proposal has none"
SECRET: Final = "only the digest of a secret"
FILE: Final = "changes with the file, whose digest is a fact"
SEALED: Final = "the team's own copy of facts above; who else is refused it: tests/visibility.py"
MERGING: Final = "a wish of two teams that no proposal under review has; who reads it: tests/cooperation/proposals"
SOLVING: Final = (
    "the office's own work before a decision, which it alone opens: tests/visibility.py and tests/cooperation/selection"
)
SEARCHING: Final = "what a job finds in a larger round; who is shown it: tests/cooperation/review/test_searches.py"
REASONS: Final = frozenset(
    {PLACE, COUNTER, RULE, AGENT, HALF, LABEL, DRAWN, DRAFT, SECRET, FILE, SEALED, MERGING, SOLVING, SEARCHING}
)
"""Verdicts that name no fact."""

COLUMNS: Final[dict[str, dict[str, str]]] = {
    "Proposal": {
        "id": PLACE, "opportunity": PLACE, "code": DRAWN, "title": "title", "acronym": "short name", "abstract": "abstract",
        "objectives": "objectives", "theme": "theme", "first_time": "a first participation", "accommodation": "accommodation",
        "export_control": "export control", "export_control_clear": "export control", "expertise": "expertise part",
        "letter": "letter of intent", "letter_sent_at": HALF, "state": "that another team withdrew", "unread": DRAFT, "synthetic": LABEL,
        "merged_into": MERGING, "version": COUNTER, "created_by": AGENT, "created_at": HALF, "saved_at": HALF, "submitted_at": HALF,
        "withdrawn_at": "that another team withdrew",
    },
    "TeamMember": {"id": PLACE, "proposal": PLACE, "user": "who is in the team", "role": "an editor's role", "joined_at": HALF},
    "Invitation": dict.fromkeys(("id", "proposal"), PLACE)
    | dict.fromkeys(("role", "email"), "an invited team mate")
    | dict.fromkeys(("expires_at", "used_by", "revoked_at"), "that a team mate is invited")
    | {"secret_sha256": SECRET, "invited_by": AGENT, "created_at": HALF},
    "Participant": {
        "id": PLACE, "proposal": PLACE, "partner": "a partner of the catalogue", "institution": "institution", "country": "country",
        "contribution": "a partner's share", "share_permille": "a partner's share", "leads": "a partner's share", "position": HALF,
    },
    "Option": dict.fromkeys(("id", "proposal", "element"), PLACE)
    | dict.fromkeys(("kind", "name", "argument", "merit_permille"), "an option")
    | dict.fromkeys(("length_um", "width_um", "height_um"), "an option's size")
    | dict.fromkeys(("coldest_centidegree", "hottest_centidegree"), "what an option endures")
    | {"position": HALF},
    "Demand": {"id": PLACE, "option": PLACE, "line": PLACE, "amount": "mass"},
    "Mode": dict.fromkeys(("id", "option"), PLACE)
    | dict.fromkeys(("name", "power_mw", "data_per_day", "duty_permille"), "a mode")
    | {"position": HALF},
    "Relation": dict.fromkeys(("id", "proposal"), PLACE)
    | {
        "kind": "what a team says of others", "named": "what a team says of others", "other": "which proposal is meant", "position": HALF,
    },
    "Attachment": {
        "id": PLACE, "proposal": PLACE, "title": "a file's title", "sealed": "a sealed file is there", "file": FILE,
        "name": "a file's name", "media_type": "a file's name", "size": "a file's size", "sha256": "a file's digest", "text": FILE,
        "added_by": AGENT, "added_at": HALF,
    },
    "Explanation": {
        "id": PLACE, "proposal": PLACE, "key": HALF, "where": HALF, "excerpt": "why a telling passage stays",
        "reason": "why a telling passage stays", "by": AGENT, "at": HALF,
    },
    "NamedConflict": dict.fromkeys(("id", "proposal"), PLACE)
    | dict.fromkeys(("name", "email", "institution", "tie", "words"), "who a team says should not judge")
    | {"named_by": AGENT, "named_at": HALF},
    "Submission": dict.fromkeys(
        ("id", "proposal", "number", "begun_at", "received_at", "by", "content", "digest", "receipt"), SEALED
    ),
    "Merge": dict.fromkeys(
        (
            "id", "source", "target_code", "target", "reason", "source_agreed_by", "target_agreed_by", "decided_by", "approved",
            "asked_at", "decided_at",
        ), MERGING,
    ),
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
        "id": PLACE, "panel": PLACE, "user": "who sits", "duty": RULE, "label": RULE, "for_team": PLACE, "least": "a reviewer's load",
        "most": "a reviewer's load", "orcid": "a reviewer's ORCID", "ror": "a reviewer's ROR", "funding": "a reviewer's funding",
        "kinds": "a reviewer's kinds", "keywords": "a reviewer's keywords", "texts": "a reviewer's texts",
        "languages": "a reviewer's languages", "seated_by": AGENT, "seated_at": HALF, "left_at": "that a reviewer left",
        "left_because": "that a reviewer left",
    },
    "RefereeInvitation": {
        "id": PLACE, "panel": PLACE, "email": "an invited address", "secret_sha256": SECRET, "duty": RULE,
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
    "Search": dict.fromkeys(
        ("id", "round", "state", "done", "gone", "refusal", "by", "asked_at", "ended_at"), SEARCHING
    ),
    "Found": dict.fromkeys(
        ("id", "search", "proposal", "user", "source", "ground", "evidence", "certain"), SEARCHING
    ),
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
    "Override": {
        "id": PLACE, "opportunity": PLACE, "proposal": PLACE, "inside": "what the office forces", "reason": "why the office forces",
        "by": AGENT, "at": HALF,
    },
    "Statement": {
        "id": PLACE, "opportunity": PLACE, "kind": "what the panel states", "proposal": HALF, "number": "how many the panel states",
        "worth": HALF, "reason": "why the panel states", "by": AGENT, "at": HALF, "withdrawn_at": "that the panel states",
        "withdrawn_by": AGENT,
    },
    "StatementMember": {"id": PLACE, "statement": PLACE, "proposal": "of whom the panel states"},
    "Recommendation": dict.fromkeys(
        (
            "id", "opportunity", "number", "purpose", "problem", "problem_digest", "result", "proven", "certificate",
            "public_certificate", "by", "at",
        ), SOLVING,
    ),
    "Solve": dict.fromkeys(
        ("id", "opportunity", "purpose", "problem", "state", "done", "total", "refusal", "recommendation", "by", "begun_at"), SOLVING
    ),
    "Scenario": dict.fromkeys(
        ("id", "recommendation", "name", "note", "changes", "answer", "by", "at", "withdrawn_at"), SOLVING
    ),
    "Study": dict.fromkeys(
        (
            "id", "recommendation", "about", "problem", "digest", "changes", "state", "done", "total", "answer", "refusal", "by",
            "begun_at",
        ), SOLVING,
    ),
    "Decision": {
        "id": PLACE, "opportunity": PLACE, "recommendation": SOLVING, "state": "that a decision is drafted", "note": "the decision's note",
        "drafted_by": AGENT, "published_at": HALF,
    },
    "Outcome": {
        "id": PLACE, "decision": PLACE, "proposal": PLACE, "option": "an outcome", "kind": "an outcome", "condition": "an outcome",
        "merged_into": MERGING, "reserve_rank": "another team's outcome", "merit": "an outcome's merit", "explanation": HALF,
        "note": "an outcome's note",
    },
    "Loss": dict.fromkeys(("id", "outcome", "reason", "released", "by", "at"), SOLVING),
}  # fmt: skip
