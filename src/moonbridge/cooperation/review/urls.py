"""Addresses of this stage."""

from django.urls import path

from moonbridge.cooperation.review.views import scores

urlpatterns = [
    path("opportunities/<slug:slug>/scores/", scores.scores, name="scores"),
    path("opportunities/<slug:slug>/scores/confirm/", scores.confirm, name="scores-confirm"),
    path("opportunities/<slug:slug>/scores/template-<str:form>.<str:ending>", scores.template, name="scores-template"),
    path("opportunities/<slug:slug>/scores/<int:number>.<str:ending>", scores.download, name="scores-download"),
]
