import django.db.models.deletion
import django.db.models.functions.datetime
import moonbridge.schema
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('selection', '0001_initial'),
        ('selection', '0003_replays_may_not_know_their_day'),
        ('selection', '0004_studio'),
        ('selection', '0005_certificates'),
        ('selection', '0006_reserve_offers_are_solved_in_jobs'),
        ('selection', '0007_statements'),
    ]

    dependencies = [
        ('accounts', '0001_tables'),
        ('opportunities', '0001_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('proposals', '0001_tables'),
    ]

    operations = [
        moonbridge.schema.Together(
            operations=[
                migrations.CreateModel(
                    name='Recommendation',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recommendations', to='opportunities.opportunity')),
                        ('number', models.PositiveIntegerField()),
                        ('purpose', models.CharField(choices=[('decision', 'the decision'), ('reserve', 'places that became free after the decision')], default='decision', max_length=8)),
                        ('problem', models.JSONField()),
                        ('problem_digest', models.CharField(max_length=64)),
                        ('result', models.JSONField()),
                        ('proven', models.BooleanField()),
                        ('certificate', models.JSONField(null=True)),
                        ('public_certificate', models.JSONField(null=True)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'ordering': ('number',),
                        'constraints': [models.UniqueConstraint(fields=('opportunity', 'number'), name='recommendations_are_numbered_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Override',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='opportunities.opportunity')),
                        ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='proposals.proposal')),
                        ('inside', models.BooleanField(verbose_name='forced in')),
                        ('reason', models.TextField(verbose_name='reason')),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('opportunity', 'proposal'), name='one_override_per_proposal'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='override_has_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='Statement',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='statements', to='opportunities.opportunity')),
                        ('kind', models.CharField(choices=[('at-most', 'of these at most so many fly'), ('together', 'two are worth more, or less, together'), ('needs', 'one flies only with others')], max_length=8)),
                        ('proposal', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proposals.proposal')),
                        ('number', models.PositiveSmallIntegerField(null=True)),
                        ('worth', models.IntegerField(help_text='in millionths', null=True)),
                        ('reason', models.TextField(verbose_name='reason')),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                        ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ('at', 'id'),
                        'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='statement_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'at-most'), ('number__isnull', False), ('proposal__isnull', True), ('worth__isnull', True), ('number__gte', 1)), models.Q(('kind', 'together'), ('number__isnull', True), ('proposal__isnull', True), ('worth__isnull', False), models.Q(('worth', 0), _negated=True)), models.Q(('kind', 'needs'), ('number__isnull', False), ('proposal__isnull', False), ('worth__isnull', True), ('number__gte', 1)), _connector='OR'), name='statement_says_what_its_kind_says'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', True), ('withdrawn_by__isnull', True)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='statement_is_withdrawn_by_somebody')],
                    },
                ),
                migrations.CreateModel(
                    name='Decision',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='opportunities.opportunity')),
                        ('recommendation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='selection.recommendation')),
                        ('state', models.CharField(choices=[('draft', 'draft'), ('published', 'published')], default='draft', max_length=12)),
                        ('note', models.TextField(blank=True, verbose_name='public note')),
                        ('drafted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('published_at', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Scenario',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('recommendation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scenarios', to='selection.recommendation')),
                        ('name', models.CharField(max_length=80, verbose_name='name')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('changes', models.TextField(blank=True)),
                        ('answer', models.JSONField()),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'ordering': ('at', 'id'),
                        'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='scenario_has_name')],
                    },
                ),
                migrations.CreateModel(
                    name='Solve',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='solves', to='opportunities.opportunity')),
                        ('purpose', models.CharField(choices=[('decision', 'the decision'), ('reserve', 'places that became free after the decision')], default='decision', max_length=8)),
                        ('problem', models.JSONField()),
                        ('state', models.CharField(choices=[('running', 'running'), ('done', 'done'), ('cancelled', 'cancelled'), ('failed', 'failed')], default='running', max_length=10)),
                        ('done', models.PositiveIntegerField(default=0)),
                        ('total', models.PositiveIntegerField()),
                        ('refusal', models.JSONField(null=True)),
                        ('recommendation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='solve', to='selection.recommendation')),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('begun_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'ordering': ('begun_at',),
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('opportunity', 'purpose'), name='one_solve_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('recommendation__isnull', False), _connector='OR'), name='done_solve_has_recommendation')],
                    },
                ),
                migrations.CreateModel(
                    name='Study',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('recommendation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='studies', to='selection.recommendation')),
                        ('about', models.CharField(max_length=80)),
                        ('problem', models.JSONField()),
                        ('digest', models.CharField(max_length=64)),
                        ('changes', models.TextField(blank=True)),
                        ('state', models.CharField(choices=[('running', 'running'), ('done', 'done'), ('cancelled', 'cancelled'), ('failed', 'failed')], default='running', max_length=10)),
                        ('done', models.PositiveIntegerField(default=0)),
                        ('total', models.PositiveIntegerField(null=True)),
                        ('answer', models.JSONField(null=True)),
                        ('refusal', models.JSONField(null=True)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('begun_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'verbose_name_plural': 'studies',
                        'ordering': ('begun_at',),
                        'indexes': [models.Index(fields=['recommendation', 'digest', 'about'], name='study_by_question')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('recommendation',), name='one_study_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('answer__isnull', False), _connector='OR'), name='done_study_has_answer')],
                    },
                ),
                migrations.CreateModel(
                    name='OverrideEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='selection.override')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='opportunities.opportunity')),
                        ('proposal', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='proposals.proposal')),
                        ('inside', models.BooleanField(verbose_name='forced in')),
                        ('reason', models.TextField(verbose_name='reason')),
                        ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='StatementEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='selection.statement')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='opportunities.opportunity')),
                        ('kind', models.CharField(choices=[('at-most', 'of these at most so many fly'), ('together', 'two are worth more, or less, together'), ('needs', 'one flies only with others')], max_length=8)),
                        ('proposal', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='proposals.proposal')),
                        ('number', models.PositiveSmallIntegerField(null=True)),
                        ('worth', models.IntegerField(help_text='in millionths', null=True)),
                        ('reason', models.TextField(verbose_name='reason')),
                        ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                        ('withdrawn_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='StatementMember',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('statement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='selection.statement')),
                        ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proposals.proposal')),
                    ],
                    options={
                        'ordering': ('proposal__code',),
                        'constraints': [models.UniqueConstraint(fields=('statement', 'proposal'), name='one_member_once_in_a_statement')],
                    },
                ),
                migrations.CreateModel(
                    name='DecisionEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='selection.decision')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='opportunities.opportunity')),
                        ('recommendation', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='selection.recommendation')),
                        ('state', models.CharField(choices=[('draft', 'draft'), ('published', 'published')], default='draft', max_length=12)),
                        ('note', models.TextField(blank=True, verbose_name='public note')),
                        ('drafted_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('published_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Outcome',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('decision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outcomes', to='selection.decision')),
                        ('proposal', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='outcome', to='proposals.proposal')),
                        ('option', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proposals.option')),
                        ('kind', models.CharField(choices=[('selected', 'selected'), ('conditional', 'selected with a condition'), ('merged', 'merged into another proposal'), ('reserve', 'on the reserve list'), ('declined', 'declined'), ('withdrawn', 'withdrawn'), ('lost', 'lost after selection')], max_length=12)),
                        ('condition', models.TextField(blank=True)),
                        ('merged_into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proposals.proposal')),
                        ('reserve_rank', models.PositiveSmallIntegerField(null=True)),
                        ('merit', models.BigIntegerField(help_text='in millionths', null=True)),
                        ('explanation', models.JSONField(default=dict)),
                        ('note', models.TextField(blank=True, verbose_name="the office's words to the team")),
                    ],
                    options={
                        'ordering': ('proposal__code',),
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['selected', 'conditional', 'merged', 'reserve', 'declined', 'withdrawn', 'lost'])), name='outcome_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'conditional'), _negated=True), models.Q(('condition', ''), _negated=True), _connector='OR'), name='conditional_states_condition'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'reserve'), _negated=True), ('reserve_rank__isnull', False), _connector='OR'), name='reserve_has_rank'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['conditional', 'selected']), _negated=True), ('option__isnull', False), _connector='OR'), name='flying_has_option'), models.UniqueConstraint(fields=('decision', 'reserve_rank'), name='one_proposal_per_reserve_rank')],
                    },
                ),
                migrations.CreateModel(
                    name='ScenarioEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='selection.scenario')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('recommendation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='selection.recommendation')),
                        ('name', models.CharField(max_length=80, verbose_name='name')),
                        ('note', models.TextField(blank=True, verbose_name='note')),
                        ('changes', models.TextField(blank=True)),
                        ('answer', models.JSONField()),
                        ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Loss',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('outcome', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='loss', to='selection.outcome')),
                        ('reason', models.TextField()),
                        ('released', models.JSONField(help_text='list of {line, amount} that went back to the pool')),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'verbose_name_plural': 'losses',
                    },
                ),
                migrations.CreateModel(
                    name='OutcomeEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='selection.outcome')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('decision', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='selection.decision')),
                        ('proposal', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='proposals.proposal')),
                        ('option', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='proposals.option')),
                        ('kind', models.CharField(choices=[('selected', 'selected'), ('conditional', 'selected with a condition'), ('merged', 'merged into another proposal'), ('reserve', 'on the reserve list'), ('declined', 'declined'), ('withdrawn', 'withdrawn'), ('lost', 'lost after selection')], max_length=12)),
                        ('condition', models.TextField(blank=True)),
                        ('merged_into', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='proposals.proposal')),
                        ('reserve_rank', models.PositiveSmallIntegerField(null=True)),
                        ('merit', models.BigIntegerField(help_text='in millionths', null=True)),
                        ('explanation', models.JSONField(default=dict)),
                        ('note', models.TextField(blank=True, verbose_name="the office's words to the team")),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='recommendation',
                    trigger=pgtrigger.compiler.Trigger(name='recommendations_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0ebd9068b9a17fe0534157abdc12283e98eae1f8', operation='UPDATE OR DELETE', pgid='pgtrigger_recommendations_stay_630c3', table='selection_recommendation', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='override',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "selection_overrideevent" ("at", "by_id", "id", "inside", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposal_id", "reason") VALUES (NEW."at", NEW."by_id", NEW."id", NEW."inside", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."proposal_id", NEW."reason"); RETURN NULL;', hash='51131709959bb41e200d0bcc135d653a824e68ff', operation='INSERT', pgid='pgtrigger_insert_insert_7933b', table='selection_override', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='override',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "selection_overrideevent" ("at", "by_id", "id", "inside", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposal_id", "reason") VALUES (NEW."at", NEW."by_id", NEW."id", NEW."inside", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."proposal_id", NEW."reason"); RETURN NULL;', hash='dbf984653fbf263fe9c92d3c9f25147e7627f04b', operation='UPDATE', pgid='pgtrigger_update_update_3b4e4', table='selection_override', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='statement',
                    trigger=pgtrigger.compiler.Trigger(name='statements_stay_as_made', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."opportunity_id" IS DISTINCT FROM (NEW."opportunity_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."proposal_id" IS DISTINCT FROM (NEW."proposal_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."worth" IS DISTINCT FROM (NEW."worth") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."at" IS DISTINCT FROM (NEW."at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1536ad8d8d3ee8bd284c506b91955504d3e7bfb6', operation='UPDATE', pgid='pgtrigger_statements_stay_as_made_eec31', table='selection_statement', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='statement',
                    trigger=pgtrigger.compiler.Trigger(name='statements_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='86aa379681cd19b367a4f9e4f49d704c1d8403e2', operation='DELETE', pgid='pgtrigger_statements_stay_31acd', table='selection_statement', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='statement',
                    trigger=pgtrigger.compiler.Trigger(name='statements_end_with_decision', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF EXISTS (SELECT 1 FROM selection_decision AS d WHERE d.opportunity_id = NEW.opportunity_id AND d.state = 'published') THEN\n    RAISE EXCEPTION 'What the panel stated stays as it is once the decision is published';\nEND IF;\nIF NEW.proposal_id IS NOT NULL AND NOT EXISTS (\n    SELECT 1 FROM proposals_proposal AS p WHERE p.id = NEW.proposal_id AND p.opportunity_id = NEW.opportunity_id\n) THEN\n    RAISE EXCEPTION 'A statement is about proposals of its own call';\nEND IF;\nRETURN NEW;\n", hash='2a1fa28e38bc17e5589eb3a4afce64a5d5667d36', operation='INSERT OR UPDATE', pgid='pgtrigger_statements_end_with_decision_d6ed4', table='selection_statement', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='statement',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "selection_statementevent" ("at", "by_id", "id", "kind", "number", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposal_id", "reason", "withdrawn_at", "withdrawn_by_id", "worth") VALUES (NEW."at", NEW."by_id", NEW."id", NEW."kind", NEW."number", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."proposal_id", NEW."reason", NEW."withdrawn_at", NEW."withdrawn_by_id", NEW."worth"); RETURN NULL;', hash='c8ce63a77d93a1b3c62bc24ec7d12e53fd7db175', operation='INSERT', pgid='pgtrigger_insert_insert_20809', table='selection_statement', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='statement',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "selection_statementevent" ("at", "by_id", "id", "kind", "number", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposal_id", "reason", "withdrawn_at", "withdrawn_by_id", "worth") VALUES (NEW."at", NEW."by_id", NEW."id", NEW."kind", NEW."number", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."proposal_id", NEW."reason", NEW."withdrawn_at", NEW."withdrawn_by_id", NEW."worth"); RETURN NULL;', hash='4dbd545714de9a2b6a58c36d0eb8a0de008736af', operation='UPDATE', pgid='pgtrigger_update_update_3a626', table='selection_statement', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='decision',
                    trigger=pgtrigger.compiler.Trigger(name='state_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{draft:published}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='2092dff37988767d523d22f9b4f8e59d351b59d1', operation='UPDATE', pgid='pgtrigger_state_transitions_2d4a8', table='selection_decision', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='decision',
                    trigger=pgtrigger.compiler.Trigger(name='published_decisions_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'published\')', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='07fd02a3b02f213c467f6260c0da22e02f10a6e5', operation='UPDATE OR DELETE', pgid='pgtrigger_published_decisions_stay_8f5a5', table='selection_decision', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='decision',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "selection_decisionevent" ("drafted_by_id", "id", "note", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "recommendation_id", "state") VALUES (NEW."drafted_by_id", NEW."id", NEW."note", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."published_at", NEW."recommendation_id", NEW."state"); RETURN NULL;', hash='41f95d8f15bee06aef51255e86fcd578ddd78ad9', operation='INSERT', pgid='pgtrigger_insert_insert_98cb8', table='selection_decision', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='decision',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "selection_decisionevent" ("drafted_by_id", "id", "note", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "recommendation_id", "state") VALUES (NEW."drafted_by_id", NEW."id", NEW."note", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."published_at", NEW."recommendation_id", NEW."state"); RETURN NULL;', hash='ef427c3a67c2060dcc43113639a8a34e58f36828', operation='UPDATE', pgid='pgtrigger_update_update_b214c', table='selection_decision', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='scenario',
                    trigger=pgtrigger.compiler.Trigger(name='scenarios_stay_as_kept', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."recommendation_id" IS DISTINCT FROM (NEW."recommendation_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."changes" IS DISTINCT FROM (NEW."changes") OR OLD."answer" IS DISTINCT FROM (NEW."answer") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."at" IS DISTINCT FROM (NEW."at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='edd7ce3e0cb295f5a8e84ba7e4a484ef64ff8872', operation='UPDATE', pgid='pgtrigger_scenarios_stay_as_kept_f834c', table='selection_scenario', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='scenario',
                    trigger=pgtrigger.compiler.Trigger(name='scenarios_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='53fe4400930eb4b46787228842d85fd02e05e69c', operation='DELETE', pgid='pgtrigger_scenarios_stay_e13e8', table='selection_scenario', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='scenario',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "selection_scenarioevent" ("answer", "at", "by_id", "changes", "id", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recommendation_id", "withdrawn_at") VALUES (NEW."answer", NEW."at", NEW."by_id", NEW."changes", NEW."id", NEW."name", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recommendation_id", NEW."withdrawn_at"); RETURN NULL;', hash='7efb77ad13a1961b3576b67d0fc611ff1466ea3f', operation='INSERT', pgid='pgtrigger_insert_insert_4ee89', table='selection_scenario', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='scenario',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "selection_scenarioevent" ("answer", "at", "by_id", "changes", "id", "name", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recommendation_id", "withdrawn_at") VALUES (NEW."answer", NEW."at", NEW."by_id", NEW."changes", NEW."id", NEW."name", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recommendation_id", NEW."withdrawn_at"); RETURN NULL;', hash='13b2a23a8ee61d342f538a3bea4dce9293ae3669', operation='UPDATE', pgid='pgtrigger_update_update_28d3b', table='selection_scenario', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='solve',
                    trigger=pgtrigger.compiler.Trigger(name='state_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{running:cancelled,running:done,running:failed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='1464181cd6f964399158ecebfbc867b592d2a05a', operation='UPDATE', pgid='pgtrigger_state_transitions_9dbab', table='selection_solve', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='study',
                    trigger=pgtrigger.compiler.Trigger(name='state_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{running:cancelled,running:done,running:failed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='381244b28892109ed1d08bfc70b4c49c20b788a2', operation='UPDATE', pgid='pgtrigger_state_transitions_05cfc', table='selection_study', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='statementmember',
                    trigger=pgtrigger.compiler.Trigger(name='members_of_statements_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='15e3285688c24e1c51498c53e19d5dc4f4a218ba', operation='UPDATE OR DELETE', pgid='pgtrigger_members_of_statements_stay_dd8fb', table='selection_statementmember', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='statementmember',
                    trigger=pgtrigger.compiler.Trigger(name='members_are_of_the_call', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF EXISTS (SELECT 1 FROM selection_decision AS d WHERE d.opportunity_id = (SELECT s.opportunity_id FROM selection_statement AS s WHERE s.id = NEW.statement_id) AND d.state = 'published') THEN\n    RAISE EXCEPTION 'What the panel stated stays as it is once the decision is published';\nEND IF;\nIF NEW.proposal_id IS NOT NULL AND NOT EXISTS (\n    SELECT 1 FROM proposals_proposal AS p WHERE p.id = NEW.proposal_id AND p.opportunity_id = (SELECT s.opportunity_id FROM selection_statement AS s WHERE s.id = NEW.statement_id)\n) THEN\n    RAISE EXCEPTION 'A statement is about proposals of its own call';\nEND IF;\nRETURN NEW;\n", hash='b0d0943e1d4fb3d3dfce99203f642332b43883f7', operation='INSERT', pgid='pgtrigger_members_are_of_the_call_160d9', table='selection_statementmember', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='outcome',
                    trigger=pgtrigger.compiler.Trigger(name='published_outcomes_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF TG_OP <> 'DELETE' AND NOT EXISTS (\n    SELECT 1 FROM proposals_proposal AS p JOIN selection_decision AS d ON d.opportunity_id = p.opportunity_id\n    WHERE p.id = NEW.proposal_id AND d.id = NEW.decision_id\n) THEN\n    RAISE EXCEPTION 'An outcome belongs to the decision on the opportunity of its proposal';\nEND IF;\nIF TG_OP <> 'DELETE' AND NEW.option_id IS NOT NULL AND NOT EXISTS (\n    SELECT 1 FROM proposals_option AS o WHERE o.id = NEW.option_id AND o.proposal_id = NEW.proposal_id\n) THEN\n    RAISE EXCEPTION 'The option of an outcome belongs to its proposal';\nEND IF;\nIF EXISTS (\n    SELECT 1 FROM selection_decision AS d\n    WHERE d.id IN (NEW.decision_id, OLD.decision_id) AND d.state = 'published'\n) THEN\n    IF TG_OP <> 'UPDATE' OR (OLD.kind, NEW.kind) NOT IN (('conditional', 'lost'), ('conditional', 'selected'), ('reserve', 'selected'), ('selected', 'lost'))\n        OR (OLD.id, OLD.decision_id, OLD.proposal_id, OLD.condition, OLD.merged_into_id, OLD.reserve_rank, OLD.merit, OLD.explanation, OLD.note) IS DISTINCT FROM (NEW.id, NEW.decision_id, NEW.proposal_id, NEW.condition, NEW.merged_into_id, NEW.reserve_rank, NEW.merit, NEW.explanation, NEW.note)\n        OR (OLD.kind <> 'reserve' AND OLD.option_id IS DISTINCT FROM NEW.option_id)\n    THEN\n        RAISE EXCEPTION 'A published outcome changes only by losing, fulfilling or calling up';\n    END IF;\nEND IF;\nIF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\nRETURN NEW;\n", hash='034da7620da6b9a89aae78c78452e5b5cbf787df', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_published_outcomes_stay_1c883', table='selection_outcome', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='outcome',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "selection_outcomeevent" ("condition", "decision_id", "explanation", "id", "kind", "merged_into_id", "merit", "note", "option_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposal_id", "reserve_rank") VALUES (NEW."condition", NEW."decision_id", NEW."explanation", NEW."id", NEW."kind", NEW."merged_into_id", NEW."merit", NEW."note", NEW."option_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."proposal_id", NEW."reserve_rank"); RETURN NULL;', hash='4b64b885f632800abc68586817bf9a93de1f5b6c', operation='INSERT', pgid='pgtrigger_insert_insert_73c48', table='selection_outcome', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='outcome',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "selection_outcomeevent" ("condition", "decision_id", "explanation", "id", "kind", "merged_into_id", "merit", "note", "option_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposal_id", "reserve_rank") VALUES (NEW."condition", NEW."decision_id", NEW."explanation", NEW."id", NEW."kind", NEW."merged_into_id", NEW."merit", NEW."note", NEW."option_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."proposal_id", NEW."reserve_rank"); RETURN NULL;', hash='e45bc23d37d57ced4972ebf71e57ca894a3f5953', operation='UPDATE', pgid='pgtrigger_update_update_7d02a', table='selection_outcome', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='loss',
                    trigger=pgtrigger.compiler.Trigger(name='losses_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4c3fc9f9babbe1d9036f141a7b3a7e956baf05fe', operation='UPDATE OR DELETE', pgid='pgtrigger_losses_stay_7cc55', table='selection_loss', when='BEFORE')),
                ),
            ],
        ),
    ]
