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
        ('sites', '0001_initial'),
    ]

    dependencies = [
        ('accounts', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Study',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='site_studies', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='name')),
                ('latitude_deg', models.DecimalField(decimal_places=6, max_digits=9)),
                ('longitude_deg', models.DecimalField(decimal_places=6, max_digits=9)),
                ('year', models.PositiveSmallIntegerField()),
                ('mast_m', models.DecimalField(decimal_places=1, max_digits=5)),
                ('uncertainty_m', models.PositiveIntegerField(null=True)),
                ('across_m', models.PositiveIntegerField(null=True)),
                ('axis_deg', models.PositiveSmallIntegerField(default=0)),
                ('snap_m', models.PositiveIntegerField(null=True)),
                ('state', models.CharField(choices=[('running', 'running'), ('done', 'done'), ('cancelled', 'cancelled'), ('failed', 'failed')], default='running', max_length=10)),
                ('done', models.PositiveSmallIntegerField(default=0, help_text='in percent')),
                ('answer', models.JSONField(null=True)),
                ('refusal', models.JSONField(null=True)),
                ('begun_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'verbose_name_plural': 'studies',
                'ordering': ('-begun_at', 'id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('latitude_deg__range', (-90, 90))), name='study_latitude_on_the_moon'), models.CheckConstraint(condition=models.Q(('longitude_deg__range', (-180, 360))), name='study_longitude_on_the_moon'), models.CheckConstraint(condition=models.Q(('done__lte', 100)), name='study_done_in_percent'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('answer__isnull', False), _connector='OR'), name='done_site_study_has_answer')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='study',
            trigger=pgtrigger.compiler.Trigger(name='state_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{running:cancelled,running:done,running:failed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='c4375937f5b5955b75bf6a6b398345a409bd42ae', operation='UPDATE', pgid='pgtrigger_state_transitions_5a801', table='sites_study', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='study',
            trigger=pgtrigger.compiler.Trigger(name='the_question_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."latitude_deg" IS DISTINCT FROM (NEW."latitude_deg") OR OLD."longitude_deg" IS DISTINCT FROM (NEW."longitude_deg") OR OLD."year" IS DISTINCT FROM (NEW."year") OR OLD."mast_m" IS DISTINCT FROM (NEW."mast_m") OR OLD."uncertainty_m" IS DISTINCT FROM (NEW."uncertainty_m") OR OLD."across_m" IS DISTINCT FROM (NEW."across_m") OR OLD."axis_deg" IS DISTINCT FROM (NEW."axis_deg") OR OLD."snap_m" IS DISTINCT FROM (NEW."snap_m") OR OLD."begun_at" IS DISTINCT FROM (NEW."begun_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f8051b8cbf225621b3186720dd9e98baeac22b68', operation='UPDATE', pgid='pgtrigger_the_question_stays_cc2cc', table='sites_study', when='BEFORE')),
        ),
    ]
