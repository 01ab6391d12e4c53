"""What programs write about a review, and how they ask for a part of a list."""

from typing import Annotated, Literal

from ninja import Field, Schema

MOST = 200
"""Rows of one page of a list."""

Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$", description="why, in a few words")]
Remarked = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Name = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[^\s\x00,]+$")]
Tie = Literal[
    "institution", "coauthor", "adviser", "family", "team", "rival", "money", "funding", "agency", "other",
]  # fmt: skip
"""What kind of tie a conflict of interest rests on: those that a person can declare."""


class ListPart(Schema):
    """Which part of a list."""

    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST)] = 100

    @property
    def rows(self) -> slice:
        """The rows that are asked for."""
        return slice(self.offset, self.offset + self.limit)
