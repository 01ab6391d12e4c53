"""Addresses of the desks, the histories and the papers of samples."""

from django.urls import path, re_path

from moonbridge.cooperation.samples.views import auditor, desk, history, papers

TABLE = r"\.(?P<ending>csv|xlsx)$"
BOOK = "samples/audits/<slug:slug>"

urlpatterns = [
    path("samples/desk/<slug:slug>/", desk.desk, name="samples-desk"),
    path("samples/desk/<slug:slug>/low/", desk.low_pieces, name="samples-low"),
    re_path(rf"^samples/desk/(?P<slug>[-\w]+)/low{TABLE}", desk.low_export, name="samples-low-export"),
    re_path(rf"^samples/desk/(?P<slug>[-\w]+)/matters{TABLE}", desk.matters, name="samples-desk-matters"),
    re_path(rf"^samples/desk/(?P<slug>[-\w]+)/where{TABLE}", desk.places, name="samples-desk-places"),
    path("samples/pieces/<uuid:key>/", history.piece, name="sample-history"),
    path("samples/pieces/<uuid:key>/label.pdf", papers.piece_label, name="sample-label"),
    path("samples/books/<slug:slug>/", history.collection, name="samples-book"),
    path("samples/audits/", auditor.overview, name="samples-audits"),
    path(f"{BOOK}/", auditor.book, name="samples-audit"),
    path(f"{BOOK}/run/", auditor.audit, name="samples-audit-run"),
    path(f"{BOOK}/movements/", auditor.movements, name="samples-movements"),
    path(f"{BOOK}/movements/<uuid:key>/proof.json", auditor.proof, name="samples-proof"),
    path(f"{BOOK}/checkpoints/<int:size>.json", auditor.checkpoint, name="samples-checkpoint"),
    path(f"{BOOK}/log.jsonl", auditor.whole_log, name="samples-log"),
    re_path(
        rf"^samples/audits/(?P<slug>[-\w]+)/(?P<name>balances|changes|adjustments|write-offs){TABLE}", auditor.table,
        name="samples-audit-table",
    ),
    re_path(
        r"^samples/loans/(?P<code>[^/]+)/papers/(?P<name>agreement|certificate|return|inventory)\.pdf$", papers.paper,
        name="loan-paper",
    ),
    path("samples/loans/<str:code>/papers/labels.pdf", papers.loan_labels, name="loan-labels"),
]  # fmt: skip
