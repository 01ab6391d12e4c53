"""The page of a decision shows what the panel stated."""

from django.db import migrations

from moonbridge.portal import watching


class Migration(migrations.Migration):
    """Watch the tables of statements."""

    dependencies = [("portal", "0003_samples"), ("selection", "0007_statements")]

    operations = [*watching.watch("selection_statement", "selection_statementmember")]
