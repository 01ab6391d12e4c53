"""The table of the database cache, in which sign-in limits are counted across workers."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def drop(apps, schema_editor) -> None:
    schema_editor.execute("DROP TABLE IF EXISTS django_cache")


class Migration(migrations.Migration):
    replaces = [("accounts", "0003_cache")]
    dependencies = [("accounts", "0001_tables")]
    operations = [migrations.RunPython(create, drop)]
