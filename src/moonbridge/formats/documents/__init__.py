"""Uploaded files: what they really are, judged by their content, and whether they may be kept.

A file is accepted when it is wholly one of a few well-known kinds (:data:`ALLOWED`). Its name must agree with its content, since a
file that says one thing and is another is an attack or an accident. Everything else is refused with a sentence that says why.
"""

from moonbridge.formats.documents.cleaning import clean
from moonbridge.formats.documents.inspection import ALLOWED, LARGEST, Inspected, inspect
from moonbridge.formats.documents.words import words_of

__all__ = ["ALLOWED", "LARGEST", "Inspected", "clean", "inspect", "words_of"]
