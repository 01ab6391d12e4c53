"""What the office sends to withhold a comment, or to give it back."""

from django import forms

WITHHOLD, GIVE_BACK = "withhold", "give-back"


class CommentForm(forms.Form):
    """Which comment, what is to happen to it, and why."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in ("review", "mark", "item")])
    key = forms.CharField(max_length=40)
    verb = forms.ChoiceField(choices=[(verb, verb) for verb in (WITHHOLD, GIVE_BACK)])
    reason = forms.CharField(max_length=500, required=False)
