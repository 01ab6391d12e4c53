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


def write_states(_app: object) -> None:
    """Write the page of states from the tables that the code itself uses."""
    from importlib import import_module

    from moonbridge.cooperation import STAGES
    from moonbridge.cooperation.transitions import Transitions

    lines = ["# States", "", "Each table below is the one that the action checks and that the database enforces.", ""]
    for stage in STAGES:
        try:
            states = import_module(f"moonbridge.cooperation.{stage}.states")
        except ModuleNotFoundError:
            continue
        for name, table in vars(states).items():
            if isinstance(table, Transitions):
                lines += [f"## {stage}: {name.lower()}", "", "| from | verb | to |", "|---|---|---|"]
                lines += [f"| {source} | **{verb}** | {target} |" for source, verb, target in table.rows()]
                lines += [""]
    (Path(__file__).parent / "states.md").write_text("\n".join(lines), encoding="utf-8")


def setup(app: object) -> None:
    """Register what is generated before each build."""
    app.connect("builder-inited", write_states)  # type: ignore[attr-defined]
