"""Mounts the stages' routers."""

from django.urls import path

from moonbridge.api import opportunities, people, programmes, proposals, review, selection
from moonbridge.api.main import api

for module in (people, programmes, opportunities, proposals, review, selection):
    api.add_router("", module.router)

urlpatterns = [path("", api.urls)]
