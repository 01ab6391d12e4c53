from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("selection", "0004_studio"),
    ]

    operations = [
        migrations.AddField("recommendation", "certificate", models.JSONField(null=True)),
        migrations.AddField("recommendation", "public_certificate", models.JSONField(null=True)),
    ]
