"""The papers of a decision, in the reader's language: for the panel, for everybody, and for each team."""

from moonbridge.cooperation.selection.papers.letter import letter
from moonbridge.cooperation.selection.papers.panel import panel_paper
from moonbridge.cooperation.selection.papers.public import public_paper

__all__ = ["letter", "panel_paper", "public_paper"]
