"""Mounts the stages' routers."""

from django.urls import path

from moonbridge.api import (
    holdings,
    lending,
    opportunities,
    people,
    programmes,
    proposals,
    review,
    reviewing,
    samples,
    selection,
)
from moonbridge.api.main import api

for module in (people, programmes, opportunities, proposals, review, reviewing, selection, samples, lending, holdings):
    api.add_router("", module.router)

urlpatterns = [path("", api.urls)]
