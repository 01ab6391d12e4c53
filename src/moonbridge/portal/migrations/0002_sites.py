"""The pages of sites are public: they are renewed when a site changes."""

from django.db import migrations

from moonbridge.portal import watching


class Migration(migrations.Migration):
    """Watch the table of sites."""

    dependencies = [("portal", "0001_initial"), ("programmes", "0004_sites")]

    operations = [*watching.watch("programmes_site")]
