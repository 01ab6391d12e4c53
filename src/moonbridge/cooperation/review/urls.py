"""Addresses of this stage."""

from django.urls import path

from moonbridge.cooperation.review import assigning_urls, office_urls, panel_urls, team_urls
from moonbridge.cooperation.review.views import debriefs, declarations, documents, drafts, handover, reviews, scores

REVIEW = "reviews/<uuid:key>"

urlpatterns = [
    *assigning_urls.urlpatterns,
    *office_urls.urlpatterns,
    *panel_urls.urlpatterns,
    *team_urls.urlpatterns,
    path("reviews/", reviews.desk, name="review-desk"),
    path("reviews/declare/<uuid:key>/", declarations.declare, name="review-declare"),
    path("reviews/declare/<uuid:key>/none/", declarations.declare_none, name="review-declare-none"),
    path("reviews/tables/<uuid:key>/", drafts.tables, name="review-tables"),
    path("reviews/tables/<uuid:key>/reviews.<str:ending>", drafts.table, name="review-table"),
    path(f"{REVIEW}/", reviews.write, name="review-write"),
    path(f"{REVIEW}/autosave/", reviews.autosave, name="review-autosave"),
    path(f"{REVIEW}/submit/", reviews.submit, name="review-submit"),
    path(f"{REVIEW}/reopen/", reviews.reopen, name="review-reopen"),
    path(f"{REVIEW}/recuse/", reviews.recuse, name="review-recuse"),
    path(f"{REVIEW}/documents/<uuid:file>/", documents.document, name="review-document"),
    path("opportunities/<slug:slug>/review/hand-over/", handover.hand_over, name="review-hand-over"),
    path("opportunities/<slug:slug>/review/hand-over/calibrate/", handover.calibrate, name="review-calibrate"),
    path(
        "opportunities/<slug:slug>/review/hand-over/calibrate/progress/",
        handover.progress,
        name="review-calibrate-progress",
    ),
    path(
        "opportunities/<slug:slug>/review/hand-over/calibrate/cancel/",
        handover.cancel_calibration,
        name="review-calibrate-cancel",
    ),
    path("opportunities/<slug:slug>/review/debriefs/", debriefs.debriefs, name="review-debriefs"),
    path("opportunities/<slug:slug>/review/debriefs/release/", debriefs.release, name="review-debriefs-release"),
    path("opportunities/<slug:slug>/review/debriefs/<uuid:key>/", debriefs.debrief, name="review-debrief"),
    path(
        "opportunities/<slug:slug>/review/debriefs/<uuid:key>/comment/", debriefs.comment, name="review-debrief-comment"
    ),
    path("proposals/<uuid:key>/debrief/", debriefs.of_team, name="proposal-debrief"),
    path("proposals/<uuid:key>/debrief.pdf", debriefs.paper, name="proposal-debrief-paper"),
    path("opportunities/<slug:slug>/review/marks.<str:ending>", handover.marks, name="review-marks"),
    path("opportunities/<slug:slug>/scores/", scores.scores, name="scores"),
    path("opportunities/<slug:slug>/scores/confirm/", scores.confirm, name="scores-confirm"),
    path("opportunities/<slug:slug>/scores/template-<str:form>.<str:ending>", scores.template, name="scores-template"),
    path("opportunities/<slug:slug>/scores/<int:number>.<str:ending>", scores.download, name="scores-download"),
]
