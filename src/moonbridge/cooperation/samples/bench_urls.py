"""Addresses of the curator's bench."""

from django.urls import path

from moonbridge.cooperation.samples.views import bench, booking

PIECE = "samples/pieces/<uuid:key>"

urlpatterns = [
    path("samples/desk/<slug:slug>/collections/new/", bench.open_collection, name="samples-collection-new"),
    path("samples/books/<slug:slug>/pieces/new/", bench.take_in, name="sample-take-in"),
    path("samples/books/<slug:slug>/mixtures/new/", bench.mix, name="sample-mix"),
    path(f"{PIECE}/divide/", bench.divide, name="sample-divide"),
    path(f"{PIECE}/weigh/", bench.weigh, name="sample-weigh"),
    path(f"{PIECE}/number/", bench.renumber, name="sample-renumber"),
    path(f"{PIECE}/custody/", bench.custody, name="sample-custody"),
    path(f"{PIECE}/release/", bench.release, name="sample-release"),
    path("samples/weighings/<uuid:key>/", bench.weighing, name="sample-weighing"),
    path(f"{PIECE}/missing/", booking.missing_here, name="sample-missing"),
    path(f"{PIECE}/cede/", booking.cede, name="sample-cede"),
    path(f"{PIECE}/use-up/", booking.use_up, name="sample-use-up"),
    path("samples/books/<slug:slug>/corrections/<uuid:key>/", booking.correct, name="sample-correct"),
    path("samples/bookings/<uuid:key>/", booking.booking, name="sample-booking"),
    path("samples/bookings/<uuid:key>/drop/", booking.drop, name="sample-booking-drop"),
]
