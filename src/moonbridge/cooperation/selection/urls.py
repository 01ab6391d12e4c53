"""Addresses of this stage."""

from django.urls import path

from moonbridge.cooperation.selection.views import office, public

urlpatterns = [
    path("opportunities/<slug:slug>/decision/", public.decision, name="decision"),
    path("proposals/<uuid:key>/outcome/", public.outcome, name="outcome"),
    path("opportunities/<slug:slug>/selection/", office.selection, name="selection"),
    path("opportunities/<slug:slug>/selection/recommend/", office.recommend, name="selection-recommend"),
    path("opportunities/<slug:slug>/selection/solve/<uuid:key>/", office.progress, name="selection-progress"),
    path("opportunities/<slug:slug>/selection/solve/<uuid:key>/cancel/", office.cancel, name="selection-cancel"),
    path("opportunities/<slug:slug>/selection/force/", office.force, name="selection-force"),
    path("opportunities/<slug:slug>/selection/unforce/", office.unforce, name="selection-unforce"),
    path(
        "opportunities/<slug:slug>/selection/problem-<int:number>.<str:form>", office.problem, name="selection-problem"
    ),
    path("opportunities/<slug:slug>/selection/draft/", office.draft, name="selection-draft"),
    path("opportunities/<slug:slug>/selection/publish/", office.publish, name="selection-publish"),
    path("opportunities/<slug:slug>/selection/lose/", office.lose, name="selection-lose"),
    path("opportunities/<slug:slug>/selection/call-up/", office.call_up, name="selection-call-up"),
    path("opportunities/<slug:slug>/selection/fulfil/", office.fulfil, name="selection-fulfil"),
]
