"""Mounts the stages' routers."""

from typing import Final

from django.urls import path

from moonbridge.api import (
    booking,
    checkpoints,
    curating,
    holdings,
    lending,
    loan_changes,
    loans,
    opportunities,
    people,
    programmes,
    proposals,
    review,
    review_assignments,
    review_declarations,
    review_meetings,
    reviewing,
    sample_incidents,
    samples,
    selection,
)
from moonbridge.api.main import api

MODULES: Final = (
    people, programmes, opportunities, proposals, review, reviewing, review_declarations, review_assignments,
    review_meetings, selection, samples, lending, loans, loan_changes, sample_incidents, curating, booking, holdings,
    checkpoints,
)  # fmt: skip

for module in MODULES:
    api.add_router("", module.router)

urlpatterns = [path("", api.urls)]
