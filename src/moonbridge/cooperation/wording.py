"""Say in the reader's language what was wrong with something typed."""

from django.utils.translation import gettext

from moonbridge.errors import InputError, QuantityError


def worded(error: InputError) -> str:
    """Return the sentence of ``error`` without its place, translated where the engine could only mark it."""
    return gettext(error.template) % error.numbers if isinstance(error, QuantityError) else error.bare
