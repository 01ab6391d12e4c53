"""What the office sends to the score page: a file to check, then the checked file to take in."""

import base64
import binascii
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moonbridge.formats.tables import MAX_BYTES


class UploadForm(forms.Form):
    """A file with a score table."""

    file = forms.FileField(label=_("Score table"), help_text=_("CSV (UTF-8) or XLSX, at most 2 MB"))

    def clean_file(self) -> Any:
        """Refuse a file that is too large before anything is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is too large; a score table has at most 2 MB."))
        return file


class ConfirmForm(forms.Form):
    """The checked file, carried through the page that showed it; it is checked again when it is taken in."""

    name = forms.CharField(max_length=200, widget=forms.HiddenInput)
    content = forms.CharField(widget=forms.HiddenInput)

    @classmethod
    def carrying(cls, name: str, data: bytes) -> "ConfirmForm":
        """Return the form that carries a file."""
        return cls(initial={"name": name[:200], "content": base64.b64encode(data).decode()})

    def clean_content(self) -> bytes:
        """Return the file's bytes."""
        try:
            return base64.b64decode(self.cleaned_data["content"], validate=True)
        except binascii.Error:
            raise forms.ValidationError(_("The file did not arrive whole; choose it again.")) from None
