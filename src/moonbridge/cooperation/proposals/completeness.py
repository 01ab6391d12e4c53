"""What is still missing before a proposal can be submitted: everything at once, in words, each with its place in the form."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext

from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals import examples, fit, parts
from moonbridge.cooperation.proposals.content import PLAIN, Draft, Option
from moonbridge.cooperation.proposals.models import OptionKind

_WHOLE_PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing, and the section of the form where it belongs (the id of its heading)."""

    section: str
    sentence: str


def missing(draft: Draft, opportunity: Opportunity, *, letter_sent: bool) -> list[Missing]:
    """Return all that stands between ``draft`` and its submission; empty when it can be submitted.

    An option that does not fit may stay in (what is too much is a reason to talk), but one option at least must fit.
    """
    found = [*_texts(draft), *_team(draft), *_options(draft, opportunity), *_unread(draft)]
    if opportunity.letter_required and not letter_sent:
        found.append(Missing("letter", gettext("A letter of intent comes first in this call, and none was sent.")))
    if parts.is_dual(opportunity) and not draft.expertise.strip():
        found.append(Missing("who", gettext("Say in the sealed part who you are and why you can do it.")))
    return found


def _texts(draft: Draft) -> Iterator[Missing]:
    wanted = (
        ("about", draft.title, gettext("The title is empty.")),
        ("about", draft.abstract, gettext("The abstract is empty.")),
        ("about", draft.objectives, gettext("The objectives are empty.")),
        (
            "export",
            draft.export_control,
            gettext("Say how the components stand to export control, even if none is concerned."),
        ),
    )
    for section, text, sentence in wanted:
        if not text.strip():
            yield Missing(section, sentence)
    for name in PLAIN:
        if prompt := examples.PROMPT.search(str(getattr(draft, name))):
            yield Missing(
                "about", gettext("A prompt of the example is still there: %(prompt)s") % {"prompt": prompt.group()}
            )


def _team(draft: Draft) -> Iterator[Missing]:
    if not draft.participants:
        yield Missing("team", gettext("Name at least one participating country or body."))
        return
    if sum(part.leads for part in draft.participants) != 1:
        yield Missing("team", gettext("Mark exactly one participant as the leading one."))
    total = sum(part.share_permille for part in draft.participants)
    if total != _WHOLE_PERMILLE:
        yield Missing("team", gettext("The shares add up to %(total)s %%, not to 100 %%.") % {"total": total / 10})


def _options(draft: Draft, opportunity: Opportunity) -> Iterator[Missing]:
    if [option.kind for option in draft.options].count(OptionKind.FULL) != 1:
        yield Missing(
            "options", gettext("There must be exactly one full version; mark the others as descoped or alternative.")
        )
    doubled = [name for name, times in Counter(option.name for option in draft.options).items() if times > 1]
    if doubled:
        yield Missing("options", gettext("Two versions are both called “%(name)s”.") % {"name": doubled[0]})
    for option in draft.options:
        yield from _option(option, opportunity)
    if draft.options and all(fit.of(option, opportunity).fits is False for option in draft.options):
        yield Missing("options", gettext("No version fits the envelope; one at least must."))


def _option(option: Option, opportunity: Opportunity) -> Iterator[Missing]:
    name = {"name": option.name or gettext("A version")}
    if not option.name.strip():
        yield Missing("options", gettext("Each version needs a name."))
    if option.kind != OptionKind.FULL and not option.argument.strip():
        yield Missing("options", gettext("%(name)s: say what is kept and what is lost.") % name)
    if unknown := fit.of(option, opportunity).unknown:
        found = name | {"what": ", ".join(unknown)}
        yield Missing("options", gettext("%(name)s: still to state: %(what)s.") % found)
    known = {line.pk for line in fit.lines_for(option, opportunity)}
    for line in opportunity.envelope.all():
        if line.pk not in known and option.demands.get(line.pk):
            found = name | {"what": line.label, "element": str(line.element)}
            yield Missing(
                "options", gettext("%(name)s asks for %(what)s of %(element)s, on which it is not placed.") % found
            )


def _unread(draft: Draft) -> Iterator[Missing]:
    for text in draft.unread.values():
        yield Missing("options", gettext("“%(text)s” cannot be read; correct it in the form.") % {"text": text[:60]})
