"""Addresses of a panel: its desk, its people, its meeting."""

from django.urls import path, re_path

from moonbridge.cooperation.review.views import chairing, meetings, reminders

PANEL = "panels/<uuid:key>"
ITEM = f"{PANEL}/items/<uuid:item>"
_KEY = r"^panels/(?P<key>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_TABLE = r"\.(?P<ending>csv|xlsx)$"

urlpatterns = [
    path(f"{PANEL}/", chairing.desk, name="panel-desk"),
    re_path(rf"{_KEY}/items{_TABLE}", chairing.items_table, name="panel-items"),
    path(f"{PANEL}/people/", chairing.reviewers, name="panel-people"),
    re_path(rf"{_KEY}/people{_TABLE}", chairing.people_table, name="panel-people-table"),
    path(f"{PANEL}/outlying/", chairing.find_outlying, name="panel-outlying"),
    path(f"{PANEL}/order/", chairing.order, name="panel-order"),
    path(f"{PANEL}/remind/", reminders.page, name="panel-remind"),
    path(f"{PANEL}/meeting/", meetings.meeting, name="panel-meeting"),
    path(f"{PANEL}/meeting/now/", meetings.now, name="panel-meeting-now"),
    re_path(rf"{_KEY}/minutes\.(?P<ending>csv|xlsx|pdf)$", meetings.minutes_table, name="panel-minutes"),
    path(f"{ITEM}/", meetings.item_page, name="panel-item"),
    path(f"{ITEM}/consensus/", meetings.consensus, name="panel-item-consensus"),
    path(f"{ITEM}/<slug:verb>/", meetings.act, name="panel-item-act"),
    path(f"{PANEL}/reviews/<uuid:review>/give-back/", meetings.give_back, name="panel-review-give-back"),
]
