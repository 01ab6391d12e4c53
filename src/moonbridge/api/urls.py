"""Mounts the stages' routers."""

from django.urls import path

from moonbridge.api import holdings, opportunities, people, programmes, proposals, review, samples, selection
from moonbridge.api.main import api

for module in (people, programmes, opportunities, proposals, review, selection, samples, holdings):
    api.add_router("", module.router)

urlpatterns = [path("", api.urls)]
