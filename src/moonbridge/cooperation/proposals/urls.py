"""Addresses of this stage."""

from django.urls import path

from moonbridge.cooperation.proposals.views import drafts, files, merging, office, submitting, teaming

urlpatterns = [
    path("opportunities/<slug:slug>/propose/", drafts.new, name="proposal-new"),
    path("opportunities/<slug:slug>/proposals/", office.received, name="opportunity-proposals"),
    path("opportunities/<slug:slug>/merges/<uuid:merge>/", merging.decide, name="merge-decide"),
    path("proposals/<uuid:key>/", drafts.proposal, name="proposal"),
    path("proposals/<uuid:key>/edit/", drafts.edit, name="proposal-edit"),
    path("proposals/<uuid:key>/autosave/", drafts.autosave, name="proposal-autosave"),
    path("proposals/<uuid:key>/fit/", drafts.fits, name="proposal-fit"),
    path("proposals/<uuid:key>/export.json", drafts.export, name="proposal-export"),
    path("proposals/<uuid:key>/letter/", submitting.send_letter, name="proposal-letter"),
    path("proposals/<uuid:key>/submit/", submitting.submit, name="proposal-submit"),
    path("proposals/<uuid:key>/explain/", submitting.explain, name="proposal-explain"),
    path("proposals/<uuid:key>/receipt/<int:number>/", submitting.receipt, name="proposal-receipt"),
    path("proposals/<uuid:key>/receipt/<int:number>.json", submitting.receipt_file, name="proposal-receipt-file"),
    path("proposals/<uuid:key>/take-back/", submitting.unsubmit, name="proposal-unsubmit"),
    path("proposals/<uuid:key>/withdraw/", submitting.withdraw, name="proposal-withdraw"),
    path("proposals/<uuid:key>/restore/", submitting.restore, name="proposal-restore"),
    path("proposals/<uuid:key>/team/", teaming.team, name="proposal-team"),
    path("proposals/<uuid:key>/team/<int:member>/role/", teaming.change_role, name="proposal-role"),
    path("proposals/<uuid:key>/team/<int:member>/remove/", teaming.remove, name="proposal-remove"),
    path("proposals/<uuid:key>/team/<int:member>/lead/", teaming.hand_over, name="proposal-hand-over"),
    path("proposals/<uuid:key>/invitations/<uuid:invitation>/revoke/", teaming.revoke, name="proposal-revoke"),
    path("proposals/<uuid:key>/merge/", merging.merge, name="proposal-merge"),
    path("proposals/<uuid:key>/merge/<uuid:merge>/", merging.answer, name="proposal-merge-answer"),
    path("proposals/<uuid:key>/relations/<int:relation>/", office.relate, name="proposal-relation"),
    path("proposals/<uuid:key>/attachments/", files.attach, name="proposal-attach"),
    path("proposals/<uuid:key>/attachments/<uuid:file>/", files.attachment, name="proposal-attachment"),
    path("proposals/<uuid:key>/attachments/<uuid:file>/remove/", files.detach, name="proposal-detach"),
    path("invitations/<str:secret>/", teaming.invitation, name="invitation"),
]
