"""Addresses of the public face."""

from django.urls import path

from moonbridge.portal import sites, views, whereabouts

urlpatterns = [
    path("", views.home, name="home"),
    path("programmes/", views.programme_list, name="programme-list"),
    path("programmes/<slug:slug>/", views.programme, name="programme"),
    path("missions/", views.mission_list, name="mission-list"),
    path("missions/<slug:slug>/", views.mission, name="mission"),
    path("sites/", sites.site_list, name="site-list"),
    path("sites/<slug:slug>/", sites.site, name="site"),
    path("sites/<slug:slug>/<int:year>/", sites.site, name="site-year"),
    path("sites/<slug:slug>/<int:year>/days.csv", sites.days, name="site-days"),
    path("sites/<slug:slug>/<int:year>/windows.csv", sites.windows, name="site-windows"),
    path("sites/<slug:slug>/<int:year>/windows.ics", sites.calendar, name="site-calendar"),
    path("opportunities/", views.opportunity_list, name="opportunity-list"),
    path("calls/<slug:slug>/", views.call, name="call"),
    path("partners/", views.partner_list, name="partner-list"),
    path("partners/<slug:slug>/", views.partner, name="partner"),
    path("station/", views.station, name="station"),
    path("samples/", views.samples_shared, name="samples-shared"),
    path("samples/where/", whereabouts.whereabouts, name="samples-where"),
    path("samples/missions/<slug:slug>/", whereabouts.mission, name="mission-samples"),
    path("samples/collections/<slug:slug>/", whereabouts.collection, name="collection-samples"),
    path("sources/", views.source_list, name="sources"),
    path("sources/<slug:slug>/", views.source, name="source"),
    path("conflicts/", views.conflicts, name="conflicts"),
    path("search/", views.search, name="search"),
    path("record/", views.public_record, name="record"),
    path("record/export/", views.record_export, name="record-export"),
    path("desk/", views.desk, name="desk"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
]
