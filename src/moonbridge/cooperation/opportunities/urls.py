"""Addresses of this stage."""

from django.urls import path

from moonbridge.cooperation.opportunities.views import following, office, public, questions, shifting

urlpatterns = [
    path("opportunities/new/", office.new, name="opportunity-new"),
    path("opportunities/mine/", office.mine, name="opportunity-mine"),
    path("opportunities/overdue/", public.overdue, name="opportunity-overdue"),
    path("opportunities/following/<uuid:token>/", following.following, name="following"),
    path("opportunities/following/<uuid:token>/stop/", following.stop, name="following-stop"),
    path("opportunities/<slug:slug>/", public.opportunity, name="opportunity"),
    path("opportunities/<slug:slug>/edit/", office.edit, name="opportunity-edit"),
    path("opportunities/<slug:slug>/publish/", office.publish, name="opportunity-publish"),
    path("opportunities/<slug:slug>/amend/", office.amend, name="opportunity-amend"),
    path("opportunities/<slug:slug>/manage/", office.manage, name="opportunity-manage"),
    path("opportunities/<slug:slug>/extend/", office.extend, name="opportunity-extend"),
    path("opportunities/<slug:slug>/shift/", shifting.shift, name="opportunity-shift"),
    path("opportunities/<slug:slug>/close/", office.close, name="opportunity-close"),
    path("opportunities/<slug:slug>/cancel/", office.cancel, name="opportunity-cancel"),
    path("opportunities/<slug:slug>/keep/", office.keep, name="opportunity-keep"),
    path("opportunities/<slug:slug>/duplicate/", office.duplicate, name="opportunity-duplicate"),
    path("opportunities/<slug:slug>/questions/", questions.questions, name="opportunity-questions"),
    path("opportunities/<slug:slug>/questions/<uuid:key>/", questions.answer, name="opportunity-answer"),
    path("opportunities/<slug:slug>/documents/", office.add_document, name="opportunity-document-add"),
    path("opportunities/<slug:slug>/documents/<uuid:key>/", public.document, name="opportunity-document"),
    path(
        "opportunities/<slug:slug>/documents/<uuid:key>/remove/",
        office.remove_document,
        name="opportunity-document-remove",
    ),
    path("opportunities/<slug:slug>/follow/", following.follow, name="opportunity-follow"),
    path("opportunities/<slug:slug>/feed.atom", public.feed, name="opportunity-feed"),
    path("opportunities/<slug:slug>/dates.ics", public.dates, name="opportunity-dates"),
]
