"""What every test may lean on: the database of this run, and a language."""

import os
from collections import Counter

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils import translation

import template_database
from moonbridge.site import environment
from moonbridge.site.messages import compile_messages

pytest_plugins = ("browser",)
"""One browser for the whole run: Playwright does not start twice in a process."""

hypothesis.settings.register_profile(
    "house", hypothesis.settings(), deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")  # a busy machine is no fault of the code


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded database where no other is named; give every run a database of its own."""
    environment.start_database()
    compile_messages()
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing folder on every request

    slot = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:12]
    test = settings.DATABASES["default"].setdefault("TEST", {})
    test |= {"NAME": f"test_moonbridge_{slot}", "TEMPLATE": template_database.prepared()}
    post_migrate.connect(empty_the_queue, sender=apps.get_app_config("procrastinate"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse two tests of one name: where several processes share the work, only one of them would run."""
    shared = [name for name, tests in Counter(item.nodeid for item in items).items() if tests > 1]
    if shared:
        raise pytest.UsageError(f"several tests are called {', '.join(shared)}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Begin every test in English: a page leaves its language to the thread, and addresses depend on it."""
    translation.activate(settings.LANGUAGE_CODE)


def empty_the_queue(using: str, **_: object) -> None:
    """Forget the jobs of a test that committed: Django empties after it, and then says so, only the tables that it manages."""
    with connections[using].cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
