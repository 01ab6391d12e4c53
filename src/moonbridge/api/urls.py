"""Mounts the stages' routers."""

from django.urls import path

from moonbridge.api import opportunities, people
from moonbridge.api.main import api

for module in (people, opportunities):
    api.add_router("", module.router)

urlpatterns = [path("", api.urls)]
