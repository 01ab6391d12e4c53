"""Addresses of this stage."""

from django.urls import path

from moonbridge.cooperation.sites import views

urlpatterns = [
    path("site-studies/", views.studies, name="site-studies"),
    path("site-studies/<uuid:key>/", views.study, name="site-study"),
    path("site-studies/<uuid:key>/progress/", views.progress, name="site-study-progress"),
    path("site-studies/<uuid:key>/cancel/", views.cancel, name="site-study-cancel"),
    path("site-studies/<uuid:key>/delete/", views.delete, name="site-study-delete"),
    path("site-studies/<uuid:key>/<str:name>", views.file, name="site-study-file"),
]
