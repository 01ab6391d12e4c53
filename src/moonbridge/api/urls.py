"""Mounts the stages' routers."""

from django.urls import path

from moonbridge.api import people
from moonbridge.api.main import api

api.add_router("", people.router)

urlpatterns = [path("", api.urls)]
