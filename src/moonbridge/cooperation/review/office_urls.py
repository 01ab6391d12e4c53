"""Addresses of the office's pages of a review, of the invitations that it sends, and of what a team owes to the others."""

from django.urls import path

from moonbridge.cooperation.review.views import panels, peers, referees, rounds, seats

REVIEW = "opportunities/<slug:slug>/review"
PANEL = f"{REVIEW}/panels/<uuid:key>"

urlpatterns = [
    path(f"{REVIEW}/", rounds.review, name="review-round"),
    path(f"{REVIEW}/begin/", rounds.begin, name="review-begin"),
    path(f"{REVIEW}/steps/<slug:verb>/", rounds.step, name="review-step"),
    path(f"{REVIEW}/panels/new/", panels.add, name="review-panel-new"),
    path(f"{PANEL}/", panels.panel, name="review-panel"),
    path(f"{PANEL}/edit/", panels.edit, name="review-panel-edit"),
    path(f"{PANEL}/remove/", panels.remove, name="review-panel-remove"),
    path(f"{PANEL}/marks/", panels.meanings, name="review-meanings"),
    path(f"{PANEL}/bring/", panels.bring, name="review-bring"),
    path(f"{PANEL}/take-away/", panels.take_away, name="review-take-away"),
    path(f"{PANEL}/seats/", seats.seats, name="review-seats"),
    path(f"{PANEL}/seats/people.<str:ending>", seats.export, name="review-seats-export"),
    path(f"{PANEL}/seats/check/", seats.check, name="review-seats-check"),
    path(f"{PANEL}/seats/take-in/", seats.take_in, name="review-seats-take-in"),
    path(f"{PANEL}/referees/", referees.referees, name="review-referees"),
    path(f"{PANEL}/peers/", peers.peers, name="review-peers"),
    path(f"{PANEL}/peers/seat/", peers.seat_peers, name="review-peers-seat"),
    path(f"{PANEL}/peers/set-aside/", peers.set_aside, name="review-set-aside"),
    path(f"{REVIEW}/set-aside/<uuid:key>/lift/", peers.lift, name="review-lift"),
    path(f"{REVIEW}/seats/<uuid:key>/", seats.seat, name="review-seat"),
    path(f"{REVIEW}/seats/<uuid:key>/leave/", seats.leave, name="review-seat-leave"),
    path(f"{REVIEW}/referees/<uuid:key>/revoke/", referees.revoke, name="review-referee-revoke"),
    path(f"{REVIEW}/referees/<uuid:key>/send-again/", referees.send_again, name="review-referee-again"),
    path("referees/<str:secret>/", referees.invitation, name="referee-invitation"),
    path("referees/<str:secret>/decline/", referees.decline, name="referee-decline"),
    path("proposals/<uuid:key>/peer/", peers.duty, name="proposal-peer"),
]
