"""Addresses of the public face."""

from django.urls import path

from moonbridge.portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("programmes/", views.home, name="programme-list"),
    path("programmes/<slug:slug>/", views.home, name="programme"),
    path("missions/", views.home, name="mission-list"),
    path("missions/<slug:slug>/", views.home, name="mission"),
    path("opportunities/", views.home, name="opportunity-list"),
    path("calls/<slug:slug>/", views.home, name="call"),
    path("partners/", views.home, name="partner-list"),
    path("partners/<slug:slug>/", views.home, name="partner"),
    path("station/", views.home, name="station"),
    path("samples/", views.home, name="samples-shared"),
    path("sources/", views.home, name="sources"),
    path("conflicts/", views.home, name="conflicts"),
    path("search/", views.home, name="search"),
    path("record/", views.home, name="record"),
    path("desk/", views.home, name="desk"),
]
