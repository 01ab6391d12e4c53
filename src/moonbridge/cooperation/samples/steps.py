"""The steps of a loan that need no more than a few words: who may take each, with which form, and what it does.

The page of a loan and the API offer the same ones, so that neither can do what the other cannot.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.actions import changing, granting, preparing, returning
from moonbridge.cooperation.samples.forms.loan import (
    CarrierForm,
    CertificateForm,
    DifferencesForm,
    NothingForm,
    ReasonForm,
    UntilForm,
)
from moonbridge.cooperation.samples.models import Loan
from moonbridge.cooperation.samples.rules.lending import is_borrower, is_curator, is_officer
from moonbridge.cooperation.samples.states.lending import LOANS, LoanState
from moonbridge.errors import InputError

type Act = Callable[[Loan, dict[str, Any], User, UUID], object]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a loan offers: its verb in the table of states, who may do it, its form, and what it does."""

    verb: str
    label: str | Promise
    rule: Callable[[User, Loan], bool]
    form: type[forms.Form]
    act: Act
    done: str | Promise = ""


STEPS: Final[Mapping[str, Step]] = {
    "send-agreement": Step(
        "send agreement", _("The agreement is sent"), is_officer, NothingForm,
        lambda loan, _given, by, key: granting.send_agreement(loan, by=by, command=key),
    ),
    "sign": Step(
        "sign", _("Sign the agreement"), is_borrower, NothingForm,
        lambda loan, _given, by, key: granting.sign(loan, by=by, command=key), _("Signed."),
    ),
    "certify": Step(
        "certify", _("The certificate is issued"), is_officer, CertificateForm,
        lambda loan, given, by, key: granting.certify(loan, number=given["number"], by=by, command=key),
    ),
    "prepare": Step(
        "prepare", _("Confirm the weights as the second person"), is_officer, NothingForm,
        lambda loan, _given, by, key: preparing.prepare(loan, by=by, command=key),
    ),
    "dispatch": Step(
        "dispatch", _("It leaves the store"), is_officer, CarrierForm,
        lambda loan, given, by, key: preparing.dispatch(loan, carrier=given["carrier"], by=by, command=key),
    ),
    "accept-weights": Step(
        "accept weights", _("Accept the other weights"), is_officer, ReasonForm,
        lambda loan, given, by, key: preparing.accept_weights(loan, reason=given["reason"], by=by, command=key),
    ),
    "ask-extension": Step(
        "ask extension", _("Ask for more time"), is_borrower, UntilForm,
        lambda loan, given, by, key: changing.ask_extension(loan, given["until"], reason=given["reason"], by=by, command=key),
        _("Asked; an officer answers."),
    ),
    "end-early": Step(
        "end early", _("Call it back early"), is_officer, UntilForm,
        lambda loan, given, by, key: changing.end_early(loan, given["until"], reason=given["reason"], by=by, command=key),
    ),
    "reconcile": Step(
        "reconcile", _("Close the material"), is_officer, DifferencesForm,
        lambda loan, given, by, key: returning.reconcile(loan, reason=given["reason"], by=by, command=key),
    ),
    "close": Step(
        "close", _("End the loan"), is_officer, NothingForm,
        lambda loan, _given, by, key: returning.close(loan, by=by, command=key),
    ),
    "cancel": Step(
        "cancel", _("Cancel it"), is_officer, ReasonForm,
        lambda loan, given, by, key: granting.cancel(loan, reason=given["reason"], by=by, command=key),
    ),
}  # fmt: skip
"""The steps that need no more than a few words, by the last part of their address."""


def possible(step: Step, loan: Loan, user: User) -> bool:
    """Return whether ``user`` may take this step of the loan now."""
    sources, _target = LOANS.table[step.verb]
    waits = step.verb != "prepare" or (loan.prepared_by_id is not None and loan.prepared_by_id != user.pk)
    return loan.state in sources and waits and step.rule(user, loan)


def weighing(loan: Loan, user: User) -> str:
    """Return what ``user`` may weigh on a loan now: ``out`` as a curator, ``in`` as its borrower, or nothing."""
    if loan.state == LoanState.CERTIFIED and is_curator(user, loan):
        return "out"
    return "in" if loan.state == LoanState.DISPATCHED and is_borrower(user, loan) else ""


def read(form: forms.Form) -> dict[str, Any]:
    """Return what a small form says; raises :class:`InputError` with its first mistake in words."""
    if form.is_valid():
        return form.cleaned_data
    name, errors = next(iter(form.errors.items()))
    label = form.fields[name].label if name in form.fields else ""
    raise InputError(f"{label}: {errors[0]}" if label else str(errors[0]))
