import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('record', '0001_initial'),
    ]

    dependencies = [
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Command',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('verb', models.CharField(max_length=60)),
                ('digest', models.CharField(max_length=64)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('result', models.JSONField(null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain', models.CharField(max_length=120)),
                ('number', models.BigIntegerField()),
                ('subject', models.CharField(db_index=True, max_length=200)),
                ('verb', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('body', models.JSONField()),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('salt', models.CharField(max_length=64)),
                ('previous', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64, unique=True)),
                ('signature', models.CharField(max_length=100)),
            ],
            options={
                'verbose_name_plural': 'entries',
                'ordering': ('chain', 'number'),
                'constraints': [models.UniqueConstraint(fields=('chain', 'number'), name='record_numbers_are_gapless_once'), models.UniqueConstraint(fields=('chain', 'previous'), name='record_never_forks'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='record_counts_from_one')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='entry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e8ff9dc0598a44f559686ab6fb979403412d2ebd', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_60dbb', table='record_entry', when='BEFORE')),
        ),
    ]
