"""Addresses of conflicts, bids and assignments."""

from django.urls import path

from moonbridge.cooperation.review.views import allocations, bids, conflicts, searches

REVIEW = "opportunities/<slug:slug>/review"
CONFLICTS = f"{REVIEW}/conflicts"
ASSIGNMENT = f"{REVIEW}/assignment"

urlpatterns = [
    path(f"{CONFLICTS}/", conflicts.conflicts, name="review-conflicts"),
    path(f"{CONFLICTS}/table.<str:ending>", conflicts.table, name="review-conflicts-table"),
    path(f"{CONFLICTS}/pin/", conflicts.pin, name="review-conflicts-pin"),
    path(f"{CONFLICTS}/recheck/", searches.recheck, name="review-recheck"),
    path(f"{CONFLICTS}/search/", searches.search, name="review-search"),
    path(f"{CONFLICTS}/search/progress/", searches.progress, name="review-search-progress"),
    path(f"{CONFLICTS}/search/cancel/", searches.cancel, name="review-search-cancel"),
    path(f"{CONFLICTS}/detect/", searches.detect, name="review-detect"),
    path(f"{CONFLICTS}/settle/", searches.settle, name="review-settle"),
    path(f"{CONFLICTS}/lists/", conflicts.bring_list, name="review-known-list"),
    path(f"{CONFLICTS}/take-in/", conflicts.take_in, name="review-conflicts-take-in"),
    path(f"{CONFLICTS}/<uuid:key>/lift/", conflicts.lift, name="review-conflict-lift"),
    path(f"{CONFLICTS}/<uuid:key>/confirm/", conflicts.confirm, name="review-conflict-confirm"),
    path(f"{REVIEW}/bids/", bids.bids, name="review-bids"),
    path(f"{ASSIGNMENT}/", allocations.assignment, name="review-assignment"),
    path(f"{ASSIGNMENT}/table.<str:ending>", allocations.table, name="review-assignment-table"),
    path(f"{ASSIGNMENT}/ask/", allocations.ask, name="review-assignment-ask"),
    path(f"{ASSIGNMENT}/assign/", allocations.assign, name="review-assign"),
    path(f"{ASSIGNMENT}/release/<uuid:key>/", allocations.release, name="review-release"),
    path(f"{ASSIGNMENT}/<uuid:key>/", allocations.allocation, name="review-allocation"),
    path(f"{ASSIGNMENT}/<uuid:key>/progress/", allocations.progress, name="review-allocation-progress"),
    path(f"{ASSIGNMENT}/<uuid:key>/cancel/", allocations.cancel, name="review-allocation-cancel"),
    path(f"{ASSIGNMENT}/<uuid:key>/adopt/", allocations.adopt, name="review-allocation-adopt"),
    path(f"{ASSIGNMENT}/<uuid:key>/drop/", allocations.drop, name="review-allocation-drop"),
]
