"""The stages of a cooperation, each a Django app, in the order in which a cooperation lives."""

STAGES = ("programmes", "sites", "opportunities", "proposals", "review", "selection", "samples")
"""A later stage may know an earlier one, never the reverse."""
