"""Addresses of this stage."""

from django.urls import path

from moonbridge.cooperation.review import views

urlpatterns = [
    path("opportunities/<slug:slug>/scores/", views.scores, name="scores"),
    path("opportunities/<slug:slug>/scores/confirm/", views.confirm, name="scores-confirm"),
    path("opportunities/<slug:slug>/scores/template-<str:form>.<str:ending>", views.template, name="scores-template"),
    path("opportunities/<slug:slug>/scores/<int:number>.<str:ending>", views.download, name="scores-download"),
]
