"""``{% command %}``: the hidden field that makes a form's change happen once, however often it is sent."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from moonbridge.cooperation import commands

register = template.Library()


@register.simple_tag
def command() -> SafeString:
    """Return a hidden input with a new command id."""
    return format_html('<input type="hidden" name="{}" value="{}">', commands.FIELD, commands.fresh())
