"""Addresses of samples: the catalogue, requests, loans, returns, incidents."""

from django.urls import path, re_path

from moonbridge.cooperation.samples import bench_urls, desk_urls
from moonbridge.cooperation.samples.views import catalogue, lines, loans, publishing, requests

LINE = "samples/loans/<str:code>/lines/<int:number>"
REQUEST = "samples/requests/<uuid:key>"

urlpatterns = [
    *desk_urls.urlpatterns,
    *bench_urls.urlpatterns,
    path("samples/catalogue/", catalogue.catalogue, name="sample-catalogue"),
    re_path(r"^samples/catalogue\.(?P<ending>csv|xlsx)$", catalogue.export, name="sample-catalogue-export"),
    path("samples/catalogue/<uuid:key>/", catalogue.sample, name="sample"),
    path("samples/catalogue/<uuid:key>/igsn.json", catalogue.metadata, name="sample-metadata"),
    path("samples/pictures/<uuid:key>/", publishing.picture, name="sample-picture"),
    path("samples/pictures/<uuid:key>/small/", publishing.preview, name="sample-picture-small"),
    path("samples/pictures/<uuid:key>/remove/", publishing.remove_picture, name="sample-picture-remove"),
    path("samples/pieces/<uuid:key>/pictures/", publishing.add_picture, name="sample-picture-add"),
    path("samples/pieces/<uuid:key>/publications/", publishing.add_publication, name="sample-publication-add"),
    path("samples/publications/<uuid:key>/remove/", publishing.remove_publication, name="sample-publication-remove"),
    path("samples/requests/", requests.mine, name="sample-requests"),
    path("samples/requests/new/", requests.begin, name="sample-request-new"),
    path(f"{REQUEST}/", requests.request_page, name="sample-request"),
    path(f"{REQUEST}/edit/", requests.edit, name="sample-request-edit"),
    path(f"{REQUEST}/autosave/", requests.autosave, name="sample-request-autosave"),
    path(f"{REQUEST}/fits/", requests.fits, name="sample-request-fit"),
    path(f"{REQUEST}/add/", requests.add, name="sample-request-add"),
    path(f"{REQUEST}/assess/", requests.assess, name="sample-request-assess"),
    path(f"{REQUEST}/conflicts/", requests.bar, name="sample-request-bar"),
    path(f"{REQUEST}/conflicts/lift/", requests.lift, name="sample-request-lift"),
    path(f"{REQUEST}/grant/", requests.grant, name="sample-request-grant"),
    path(f"{REQUEST}/decline/", requests.decline, name="sample-request-decline"),
    re_path(
        r"^samples/requests/(?P<key>[0-9a-f-]{36})/(?P<verb>submit|take-back|withdraw)/$", requests.step,
        name="sample-request-step",
    ),
    path("samples/allocation/<slug:slug>/", requests.allocation, name="sample-allocation"),
    path("samples/returns/<slug:slug>/", lines.batch, name="sample-returns"),
    path("samples/loans/", loans.mine, name="loans-mine"),
    path("samples/loans/<str:code>/", loans.loan_page, name="loan"),
    path("samples/loans/<str:code>/weigh/", loans.weigh, name="loan-weigh"),
    path("samples/loans/<str:code>/inventory/", loans.inventory, name="loan-inventory"),
    path("samples/loans/<str:code>/duty/", loans.duty, name="loan-duty"),
    path("samples/loans/<str:code>/publications/", publishing.report_publication, name="loan-publication"),
    path("samples/loans/<str:code>/back/", loans.send_back, name="loan-back"),
    path("samples/loans/<str:code>/extensions/<uuid:key>/", loans.answer, name="loan-extension"),
    path("samples/loans/<str:code>/steps/<str:verb>/", loans.step, name="loan-step"),
    path(f"{LINE}/", lines.line, name="loan-line"),
    re_path(
        r"^samples/loans/(?P<code>[^/]+)/lines/(?P<number>[0-9]{1,4})/(?P<verb>report|sub-split|transfer|missing)/$",
        lines.act, name="loan-line-act",
    ),
    path("samples/transfers/<uuid:key>/", lines.transfer, name="loan-transfer"),
    path("samples/incidents/<uuid:key>/", lines.incident, name="incident"),
    path("samples/incidents/<uuid:key>/<str:verb>/", lines.incident_step, name="incident-step"),
]  # fmt: skip
