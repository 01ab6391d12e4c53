"""Questions and answers, equal for all: an answer is public, and says nothing about who asked."""

import unicodedata
from uuid import UUID

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities import notices, rules
from moonbridge.cooperation.opportunities.actions.writing import held_by_office, seal
from moonbridge.cooperation.opportunities.models import Opportunity, Question
from moonbridge.errors import InputError, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now

LONGEST = 4000
"""Characters of a question or an answer."""


def ask(opportunity: Opportunity, text: str, *, by: User, command: UUID) -> Question:
    """Ask the office something about an open opportunity."""
    worded = _worded(text)

    def act() -> str:
        held = Opportunity.objects.select_for_update(of=("self",)).get(pk=opportunity.pk)
        rules.require(rules.can_see, by, held)
        if not rules.can_ask(by, held):
            raise WrongState(_("Questions can be asked while the opportunity is open."), state=held.state)
        return str(Question.objects.create(opportunity=held, asked_by=by, text=worded).pk)

    asked = {"opportunity": str(opportunity.pk), "text": worded}
    return Question.objects.get(pk=once(command, "opportunity.ask", asked, act, by=by))


def answer(question: Question, text: str, *, by: User, command: UUID) -> Question:
    """Answer a question for everybody. An answer stands: a correction is an amendment or another question."""
    worded = _worded(text)

    def act() -> str:
        held = held_by_office(question.opportunity, by)
        asked = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
        if asked.answered_at is not None:
            raise WrongState(_("This question was answered before; the answer stands."))
        asked.answer, asked.answered_by, asked.answered_at = worded, by, database_now()
        asked.save(update_fields=["answer", "answered_by", "answered_at"])
        seal(held, "answer", {"question": asked.text, "answer": asked.answer}, by=by)
        notices.tell(held, notices.ANSWERED, str(asked.pk))
        return str(asked.pk)

    content = {"question": str(question.pk), "text": worded}
    return Question.objects.get(pk=once(command, "opportunity.answer", content, act, by=by))


def _worded(text: str) -> str:
    worded = text.strip()
    if any(unicodedata.category(letter) == "Cs" or letter == "\0" for letter in worded):
        raise InputError(_("This text holds a sign that is no letter of any script."), field="text")
    if not worded:
        raise InputError(_("Write something first."), field="text")
    if len(worded) > LONGEST:
        raise InputError(_("Please keep it under %(limit)s characters.") % {"limit": LONGEST}, field="text")
    return worded
