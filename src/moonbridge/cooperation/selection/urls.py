"""Addresses of this stage."""

from django.urls import path

from moonbridge.cooperation.selection.views import office, papers, public, scenarios, statements, studio

urlpatterns = [
    path("opportunities/<slug:slug>/decision/", public.decision, name="decision"),
    path("opportunities/<slug:slug>/decision/paper.pdf", papers.decision, name="decision-paper"),
    path("opportunities/<slug:slug>/decision/certificate.json", papers.public_certificate, name="decision-certificate"),
    path("proposals/<uuid:key>/outcome/", public.outcome, name="outcome"),
    path("proposals/<uuid:key>/outcome/paper.pdf", papers.outcome, name="outcome-paper"),
    path("opportunities/<slug:slug>/selection/", office.selection, name="selection"),
    path("opportunities/<slug:slug>/selection/recommend/", office.recommend, name="selection-recommend"),
    path("opportunities/<slug:slug>/selection/solve/<uuid:key>/", office.progress, name="selection-progress"),
    path("opportunities/<slug:slug>/selection/solve/<uuid:key>/cancel/", office.cancel, name="selection-cancel"),
    path("opportunities/<slug:slug>/selection/force/", office.force, name="selection-force"),
    path("opportunities/<slug:slug>/selection/unforce/", office.unforce, name="selection-unforce"),
    path("opportunities/<slug:slug>/selection/statements/", statements.statements, name="selection-statements"),
    path(
        "opportunities/<slug:slug>/selection/statements/<uuid:key>/withdraw/",
        statements.withdraw,
        name="selection-statement-withdraw",
    ),
    path(
        "opportunities/<slug:slug>/selection/problem-<int:number>.<str:form>", office.problem, name="selection-problem"
    ),
    path("opportunities/<slug:slug>/selection/studio/", studio.studio, name="selection-studio"),
    path("opportunities/<slug:slug>/selection/studio/answer/", studio.answer, name="selection-studio-answer"),
    path("opportunities/<slug:slug>/selection/studio/frontier/", studio.frontier, name="selection-studio-frontier"),
    path("opportunities/<slug:slug>/selection/studio/study/", scenarios.study, name="selection-study"),
    path(
        "opportunities/<slug:slug>/selection/studio/study/<uuid:key>/",
        scenarios.study_progress,
        name="selection-study-progress",
    ),
    path(
        "opportunities/<slug:slug>/selection/studio/study/<uuid:key>/cancel/",
        scenarios.study_cancel,
        name="selection-study-cancel",
    ),
    path("opportunities/<slug:slug>/selection/studio/keep/", scenarios.keep, name="selection-keep"),
    path("opportunities/<slug:slug>/selection/studio/compare/", scenarios.compare, name="selection-compare"),
    path(
        "opportunities/<slug:slug>/selection/studio/<uuid:key>/withdraw/", scenarios.withdraw, name="selection-withdraw"
    ),
    path("opportunities/<slug:slug>/selection/studio/<uuid:key>/restore/", scenarios.restore, name="selection-restore"),
    path("opportunities/<slug:slug>/selection/paper-<int:number>.pdf", papers.panel, name="selection-paper"),
    path(
        "opportunities/<slug:slug>/selection/certificate-<int:number>.json",
        papers.certificate,
        name="selection-certificate",
    ),
    path("opportunities/<slug:slug>/selection/draft/", office.draft, name="selection-draft"),
    path("opportunities/<slug:slug>/selection/publish/", office.publish, name="selection-publish"),
    path("opportunities/<slug:slug>/selection/offer/", office.offer, name="selection-offer"),
    path("opportunities/<slug:slug>/selection/lose/", office.lose, name="selection-lose"),
    path("opportunities/<slug:slug>/selection/call-up/", office.call_up, name="selection-call-up"),
    path("opportunities/<slug:slug>/selection/fulfil/", office.fulfil, name="selection-fulfil"),
]
