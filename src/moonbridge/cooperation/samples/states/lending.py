"""How a request for samples and a loan live."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.transitions import Transitions


class RequestState(models.TextChoices):
    """Where a request stands."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    GRANTED = "granted", _("granted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


REQUESTS = Transitions(
    {
        "submit": (frozenset({RequestState.DRAFT}), RequestState.SUBMITTED),
        "take back": (frozenset({RequestState.SUBMITTED}), RequestState.DRAFT),
        "withdraw": (frozenset({RequestState.DRAFT, RequestState.SUBMITTED}), RequestState.WITHDRAWN),
        "grant": (frozenset({RequestState.SUBMITTED}), RequestState.GRANTED),
        "decline": (frozenset({RequestState.SUBMITTED}), RequestState.DECLINED),
    }
)


class LoanState(models.TextChoices):
    """Where a loan stands. Overdue and delinquent are no states: they follow from dates."""

    APPROVED = "approved", _("approved")
    AGREEMENT_SENT = "agreement-sent", _("agreement sent")
    SIGNED = "signed", _("agreement signed")
    CERTIFIED = "certified", _("certificate issued")
    PREPARED = "prepared", _("prepared")
    DISPATCHED = "dispatched", _("on its way")
    RECEIVED = "received", _("received, weights differ")
    ACTIVE = "active", _("on loan")
    RETURNING = "returning", _("on its way back")
    WEIGHED = "weighed", _("back and weighed")
    RECONCILED = "reconciled", _("material closed")
    CLOSED = "closed", _("closed")
    LAPSED = "lapsed", _("lapsed unsigned")
    CANCELLED = "cancelled", _("cancelled")


L = LoanState
LOANS = Transitions(
    {
        "send agreement": (frozenset({L.APPROVED}), L.AGREEMENT_SENT),
        "sign": (frozenset({L.AGREEMENT_SENT}), L.SIGNED),
        "lapse": (frozenset({L.APPROVED, L.AGREEMENT_SENT}), L.LAPSED),
        "certify": (frozenset({L.SIGNED}), L.CERTIFIED),
        "weigh out": (frozenset({L.CERTIFIED}), L.CERTIFIED),
        "prepare": (frozenset({L.CERTIFIED}), L.PREPARED),
        "cancel": (frozenset({L.APPROVED, L.AGREEMENT_SENT, L.SIGNED, L.CERTIFIED, L.PREPARED}), L.CANCELLED),
        "dispatch": (frozenset({L.PREPARED}), L.DISPATCHED),
        "receive": (frozenset({L.DISPATCHED}), L.ACTIVE),
        "receive, weights differ": (frozenset({L.DISPATCHED}), L.RECEIVED),
        "accept weights": (frozenset({L.RECEIVED}), L.ACTIVE),
        "take inventory": (frozenset({L.ACTIVE}), L.ACTIVE),
        "ask extension": (frozenset({L.ACTIVE}), L.ACTIVE),
        "extend": (frozenset({L.ACTIVE}), L.ACTIVE),
        "sub-split": (frozenset({L.ACTIVE}), L.ACTIVE),
        "consume": (frozenset({L.ACTIVE}), L.ACTIVE),
        "transfer": (frozenset({L.ACTIVE}), L.ACTIVE),
        "end early": (frozenset({L.ACTIVE}), L.ACTIVE),
        "send part back": (frozenset({L.ACTIVE}), L.ACTIVE),
        "send back": (frozenset({L.ACTIVE}), L.RETURNING),
        "weigh part": (frozenset({L.ACTIVE}), L.ACTIVE),
        "weigh part of the last return": (frozenset({L.RETURNING}), L.RETURNING),
        "weigh": (frozenset({L.RETURNING}), L.WEIGHED),
        "sign for differences": (frozenset({L.WEIGHED}), L.WEIGHED),
        "reconcile": (frozenset({L.WEIGHED}), L.RECONCILED),
        "close": (frozenset({L.RECONCILED}), L.CLOSED),
    }
)
"""The one table of a loan's life: the actions' check, the database's trigger and the picture in the docs."""

RESERVED = frozenset({L.APPROVED, L.AGREEMENT_SENT, L.SIGNED, L.CERTIFIED, L.PREPARED})
"""The material is in store and set aside."""
LAPSES = frozenset({L.APPROVED, L.AGREEMENT_SENT})
"""The reservation ends by itself when its day is over."""
OUT = frozenset({L.DISPATCHED, L.RECEIVED, L.ACTIVE, L.RETURNING})
"""The material, or some of it, is not in store."""
OWES = frozenset({L.RECEIVED, L.ACTIVE, L.RETURNING, L.WEIGHED, L.RECONCILED})
"""The borrower owes something: the material, an inventory, or a duty."""
PUBLISHED = OWES | {L.CLOSED}
"""What was found out with the material can be reported: also when everything else is over."""
ENDED = frozenset({L.CLOSED, L.LAPSED, L.CANCELLED})
