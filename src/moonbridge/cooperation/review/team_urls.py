"""Addresses of what teams declare."""

from django.urls import path

from moonbridge.cooperation.review.views import teams

urlpatterns = [
    path("proposals/<uuid:key>/conflicts/", teams.named, name="proposal-conflicts"),
    path("proposals/<uuid:key>/conflicts/<uuid:named>/remove/", teams.take_back, name="proposal-conflict-remove"),
]
