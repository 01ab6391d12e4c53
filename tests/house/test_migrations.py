import io

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.operations import CreateModel
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from moonbridge.schema import Together, left_on_the_way
from moonbridge.site.preparation import PreparationError, steps

pytestmark = pytest.mark.django_db


def test_the_migrations_say_what_the_models_say():
    said = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said)
    except SystemExit:
        pytest.fail(f"models changed without a migration:\n{said.getvalue()}")


def test_operations_together_make_their_tables_and_take_them_back():
    crater = CreateModel("Crater", [("id", models.AutoField(primary_key=True))])
    boulder = CreateModel(
        "Boulder",
        [("id", models.AutoField(primary_key=True)), ("crater", models.ForeignKey("moon.Crater", models.CASCADE))],
    )
    together, before, after = Together([crater, boulder]), ProjectState(), ProjectState()
    assert not before.apps.all_models["moon"]  # rendered, as while migrating
    together.state_forwards("moon", after)
    for carry_out, states, tables in (
        (together.database_forwards, (before, after), {"moon_crater", "moon_boulder"}),
        (together.database_backwards, (after, before), set()),
    ):
        with connection.schema_editor() as editor:
            carry_out("moon", editor, *states)
        assert {name for name in connection.introspection.table_names() if name.startswith("moon_")} == tables


def test_tables_that_an_older_version_left_half_way_are_refused_with_the_way_out():
    assert left_on_the_way(connection) == []
    MigrationRecorder(connection).record_unapplied("samples", "0007_booking")
    assert left_on_the_way(connection) == ["samples"]
    step = next(step for step in steps(demonstration=True) if step.words == "bringing the tables up to date")
    with pytest.raises(PreparationError, match=r"an older version.*samples.*make demo-reset"):
        step.run()
