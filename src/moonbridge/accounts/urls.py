"""Addresses of one's own account."""

from django.urls import path

from moonbridge.accounts import demo, views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/keys/", views.make_token, name="token-new"),
    path("profile/keys/<uuid:token>/revoke/", views.revoke_token, name="token-revoke"),
    path("demo/enter/<path:ticket>/", demo.enter, name="demo-enter"),
]
