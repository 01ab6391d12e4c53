"""The product's settings in test mode; pytest and mypy load the settings before any conftest runs."""

import os

os.environ["MOONBRIDGE_MODE"] = "test"

from moonbridge.site.settings import *  # noqa: F403
