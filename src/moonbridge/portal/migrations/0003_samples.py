"""The map of the site names the collections of agencies that lend: it is renewed when one is opened, or an agency begins to lend."""

from django.db import migrations

from moonbridge.portal import watching


class Migration(migrations.Migration):
    """Watch the tables of collections and of lenders; the pages of samples themselves are rendered anew each time."""

    dependencies = [("portal", "0002_sites"), ("samples", "0003_lending")]

    operations = [*watching.watch("samples_collection", "samples_lender")]
