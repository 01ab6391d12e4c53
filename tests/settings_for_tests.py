"""The product's settings in test mode; pytest and mypy load the settings before any conftest runs."""

import os

os.environ["MOONBRIDGE_MODE"] = "test"

from moonbridge.site.settings import *  # noqa: F403
from moonbridge.site.settings import MIDDLEWARE as _MIDDLEWARE

# A test's transaction is never committed, so nothing would tell the kept pages of its changes; their own tests put them back.
MIDDLEWARE = [name for name in _MIDDLEWARE if name != "moonbridge.portal.pages.PublicPagesMiddleware"]
