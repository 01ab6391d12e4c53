"""Addresses of an agency's own pages."""

from django.urls import path

from moonbridge.cooperation.programmes import views

urlpatterns = [
    path("agencies/<slug:slug>/people/", views.people, name="agency-people"),
    path("agencies/<slug:slug>/people/<int:role>/take/", views.take_role, name="agency-role-take"),
    path("agencies/<slug:slug>/record/", views.agency_record, name="agency-record"),
    path("agencies/<slug:slug>/record/export/", views.agency_record_export, name="agency-record-export"),
]
