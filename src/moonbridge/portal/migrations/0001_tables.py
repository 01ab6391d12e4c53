"""The version of everything public, and the tables that raise it."""

from django.db import migrations, models

from moonbridge.portal import watching

CATALOGUE = (
    "partner", "programme", "mission", "element", "catalogueentry", "catalogueentry_sampled", "source", "conflict", "claim",
    "claim_sources", "milestone", "milestone_sources", "participation", "searchdocument", "site",
)
OPPORTUNITIES = (
    "opportunity", "opportunity_elements", "envelopeline", "accommodation", "criterion", "portfoliorule", "stagedate", "document",
    "question", "amendment",
)
SELECTION = ("decision", "outcome", "override", "loss", "statement", "statementmember")
SAMPLES = ("collection", "lender")
"""The map of the site names the collections of agencies that lend; the pages of samples themselves are rendered anew each time."""


class Migration(migrations.Migration):
    initial = True
    replaces = [("portal", "0001_initial"), ("portal", "0002_sites"), ("portal", "0003_samples"), ("portal", "0004_statements")]
    dependencies = [
        ("programmes", "0001_tables"),
        ("opportunities", "0001_tables"),
        ("selection", "0001_tables"),
        ("samples", "0001_tables"),
        ("record", "0001_tables"),
    ]
    operations = [
        migrations.CreateModel(
            name="PublicVersion",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("version", models.BigIntegerField(default=1)),
                ("changed_in", models.BigIntegerField(default=0, help_text="the transaction that raised it last")),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_public_version")],
            },
        ),
        watching.install(),
        *watching.watch(*(f"programmes_{table}" for table in CATALOGUE)),
        *watching.watch(*(f"opportunities_{table}" for table in OPPORTUNITIES)),
        *watching.watch(*(f"selection_{table}" for table in SELECTION)),
        *watching.watch(*(f"samples_{table}" for table in SAMPLES)),
        *watching.watch("record_entry", where="NEW.chain = 'public'", on="INSERT"),
    ]
