"""Sphinx configuration."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings_for_tests")

import django

django.setup()

project = "Moonbridge"
author = "The Moonbridge founders"
copyright = "2026, the Moonbridge founders"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
myst_enable_extensions = ["deflist", "fieldlist", "colon_fence"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Moonbridge"
exclude_patterns = ["_build"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
