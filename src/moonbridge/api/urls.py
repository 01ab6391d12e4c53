"""Mounts the stages' routers."""

from django.urls import path

from moonbridge.api import opportunities, people, programmes, review, selection
from moonbridge.api.main import api

for module in (people, programmes, opportunities, review, selection):
    api.add_router("", module.router)

urlpatterns = [path("", api.urls)]
