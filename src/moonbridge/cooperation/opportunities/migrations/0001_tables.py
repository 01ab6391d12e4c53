import django.db.models.deletion
import django.db.models.functions.datetime
import moonbridge.cooperation.opportunities.guards
import moonbridge.schema
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('opportunities', '0001_initial'),
        ('opportunities', '0002_published_once'),
        ('opportunities', '0003_site'),
        ('opportunities', '0004_review_mode'),
        ('opportunities', '0005_review_mode_stays'),
        ('opportunities', '0006_ties_by_id'),
        ('opportunities', '0007_rules_on_institutions'),
        ('opportunities', '0008_amounts_shares_lottery'),
    ]

    dependencies = [
        ('accounts', '0001_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('programmes', '0001_tables'),
    ]

    operations = [
        moonbridge.schema.Together(
            operations=[
                migrations.CreateModel(
                    name='Opportunity',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('slug', models.SlugField(max_length=80, unique=True)),
                        ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='programmes.partner')),
                        ('mission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='programmes.mission')),
                        ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='programmes.site', verbose_name='site on the Moon')),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('title_zh', models.CharField(blank=True, max_length=200, verbose_name='title in Chinese')),
                        ('summary', models.TextField(blank=True, verbose_name='summary')),
                        ('summary_zh', models.TextField(blank=True, verbose_name='summary in Chinese')),
                        ('eligibility', models.TextField(blank=True, verbose_name='eligibility')),
                        ('eligibility_zh', models.TextField(blank=True, verbose_name='eligibility in Chinese')),
                        ('state', models.CharField(choices=[('draft', 'draft'), ('open', 'open'), ('closed', 'closed, under review'), ('decided', 'decided'), ('cancelled', 'cancelled')], default='draft', max_length=12)),
                        ('origin', models.CharField(choices=[('real', 'real'), ('replay', 'replay of a real call with its public figures'), ('synthetic', 'synthetic demonstration')], default='real', max_length=12)),
                        ('catalogue_call', models.CharField(blank=True, help_text='address of the catalogued call it replays', max_length=120)),
                        ('deadline', models.DateTimeField(null=True, verbose_name='deadline for proposals')),
                        ('deadline_zone', models.CharField(default='Asia/Shanghai', max_length=60, verbose_name='time zone shown with the deadline')),
                        ('letter_required', models.BooleanField(default=False, verbose_name='a letter of intent comes first')),
                        ('letter_deadline', models.DateTimeField(null=True, verbose_name='deadline for letters of intent')),
                        ('review_mode', models.CharField(choices=[('open', 'open: teams and reviewers know each other'), ('reviewer-blind', 'teams do not know the reviewers'), ('dual-anonymous', 'dual-anonymous: neither side knows the other')], default='reviewer-blind', max_length=16, verbose_name='how proposals are judged')),
                        ('lottery_within', models.PositiveIntegerField(default=0, help_text='in millionths of the full mark; 0: no lottery', verbose_name='portfolios so close to the best are drawn by lot')),
                        ('cancelled_because', models.TextField(blank=True, verbose_name='why it was cancelled')),
                        ('version', models.PositiveIntegerField(default=1)),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('published_at', models.DateTimeField(editable=False, null=True)),
                        ('elements', models.ManyToManyField(related_name='opportunities', to='programmes.element')),
                    ],
                    options={
                        'verbose_name_plural': 'opportunities',
                        'ordering': ('-published_at', '-created_at', 'id'),
                        'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'open', 'closed', 'decided', 'cancelled'])), name='opportunity_state_known'), models.CheckConstraint(condition=models.Q(('state', 'draft'), ('published_at__isnull', False), _connector='OR'), name='published_opportunity_has_instant'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'cancelled']), ('deadline__isnull', False), ('origin', 'replay'), _connector='OR'), name='published_opportunity_has_deadline'), models.CheckConstraint(condition=models.Q(('lottery_within__lte', 1000000)), name='lottery_within_the_full_mark')],
                    },
                ),
                migrations.CreateModel(
                    name='Accommodation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='accommodations', to='opportunities.opportunity')),
                        ('element', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.element')),
                        ('length_um', models.BigIntegerField(null=True)),
                        ('width_um', models.BigIntegerField(null=True)),
                        ('height_um', models.BigIntegerField(null=True)),
                        ('coldest_centidegree', models.IntegerField(null=True)),
                        ('hottest_centidegree', models.IntegerField(null=True)),
                        ('note', models.TextField(blank=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('opportunity', 'element'), name='one_accommodation_per_element', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='Amendment',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='opportunities.opportunity')),
                        ('number', models.PositiveIntegerField()),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('reason', models.TextField()),
                        ('changes', models.JSONField(help_text='list of {subject, field, before, after} as people read them')),
                        ('transaction', models.BigIntegerField(db_default=moonbridge.cooperation.opportunities.guards.CurrentTransaction(), editable=False)),
                    ],
                    options={
                        'ordering': ('number',),
                        'constraints': [models.UniqueConstraint(fields=('opportunity', 'number'), name='amendments_are_numbered_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Criterion',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='opportunities.opportunity')),
                        ('name', models.CharField(max_length=120)),
                        ('name_zh', models.CharField(blank=True, max_length=120)),
                        ('description', models.TextField(blank=True)),
                        ('weight', models.PositiveIntegerField(default=1)),
                        ('lowest', models.IntegerField(default=0)),
                        ('highest', models.IntegerField(default=10)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'verbose_name_plural': 'criteria',
                        'ordering': ('position', 'id'),
                        'constraints': [models.UniqueConstraint(fields=('opportunity', 'name'), name='one_criterion_per_name'), models.CheckConstraint(condition=models.Q(('highest__gt', models.F('lowest'))), name='criterion_scale_rises'), models.CheckConstraint(condition=models.Q(('weight__gte', 1)), name='criterion_has_weight')],
                    },
                ),
                migrations.CreateModel(
                    name='Document',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='opportunities.opportunity')),
                        ('title', models.CharField(max_length=200)),
                        ('file', models.FileField(upload_to='opportunities/%Y/')),
                        ('name', models.CharField(max_length=200)),
                        ('media_type', models.CharField(max_length=100)),
                        ('size', models.BigIntegerField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'ordering': ('added_at', 'id'),
                    },
                ),
                migrations.CreateModel(
                    name='EnvelopeLine',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='envelope', to='opportunities.opportunity')),
                        ('element', models.ForeignKey(help_text='empty: the whole mission', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.element')),
                        ('resource', models.CharField(choices=[('mass', 'mass'), ('power-average', 'average power'), ('power-peak', 'peak power'), ('data-per-day', 'data per day'), ('slots', 'mounting slots'), ('station-time', 'station time'), ('other', 'other resource')], max_length=16)),
                        ('name', models.CharField(blank=True, max_length=80, verbose_name='name of the resource')),
                        ('unit', models.CharField(blank=True, max_length=20, verbose_name='unit')),
                        ('total', models.BigIntegerField(null=True, verbose_name='in total')),
                        ('per_item', models.BigIntegerField(null=True, verbose_name='at most per item')),
                        ('margin', models.BigIntegerField(default=0, verbose_name='held back')),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'ordering': ('position', 'id'),
                        'constraints': [models.UniqueConstraint(fields=('opportunity', 'element', 'resource', 'name'), name='one_line_per_resource', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('total__isnull', True), ('total__gte', models.F('margin')), _connector='OR'), name='margin_within_total'), models.CheckConstraint(condition=models.Q(('per_item__isnull', True), ('per_item__gte', 0), _connector='OR'), name='per_item_not_negative'), models.CheckConstraint(condition=models.Q(('margin__gte', 0)), name='margin_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('resource', 'other'), _negated=True), models.Q(models.Q(('name', ''), _negated=True), models.Q(('unit', ''), _negated=True)), _connector='OR'), name='other_resource_is_named')],
                    },
                ),
                migrations.CreateModel(
                    name='Follow',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='followers', to='opportunities.opportunity')),
                        ('email', models.EmailField(max_length=254)),
                        ('language', models.CharField(default='en', max_length=10)),
                        ('token', models.UUIDField(default=uuid.uuid4, help_text='confirms and ends the following; never shown to others', unique=True)),
                        ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='when the last mail asked for confirmation')),
                        ('confirmed_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('opportunity', 'email'), name='one_follow_per_address')],
                    },
                ),
                migrations.CreateModel(
                    name='OpportunityEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='opportunities.opportunity')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('slug', models.SlugField(db_index=False, max_length=80)),
                        ('agency', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='programmes.partner')),
                        ('mission', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='programmes.mission')),
                        ('site', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='programmes.site', verbose_name='site on the Moon')),
                        ('title', models.CharField(max_length=200, verbose_name='title')),
                        ('title_zh', models.CharField(blank=True, max_length=200, verbose_name='title in Chinese')),
                        ('summary', models.TextField(blank=True, verbose_name='summary')),
                        ('summary_zh', models.TextField(blank=True, verbose_name='summary in Chinese')),
                        ('eligibility', models.TextField(blank=True, verbose_name='eligibility')),
                        ('eligibility_zh', models.TextField(blank=True, verbose_name='eligibility in Chinese')),
                        ('state', models.CharField(choices=[('draft', 'draft'), ('open', 'open'), ('closed', 'closed, under review'), ('decided', 'decided'), ('cancelled', 'cancelled')], default='draft', max_length=12)),
                        ('origin', models.CharField(choices=[('real', 'real'), ('replay', 'replay of a real call with its public figures'), ('synthetic', 'synthetic demonstration')], default='real', max_length=12)),
                        ('catalogue_call', models.CharField(blank=True, help_text='address of the catalogued call it replays', max_length=120)),
                        ('deadline', models.DateTimeField(null=True, verbose_name='deadline for proposals')),
                        ('deadline_zone', models.CharField(default='Asia/Shanghai', max_length=60, verbose_name='time zone shown with the deadline')),
                        ('letter_required', models.BooleanField(default=False, verbose_name='a letter of intent comes first')),
                        ('letter_deadline', models.DateTimeField(null=True, verbose_name='deadline for letters of intent')),
                        ('review_mode', models.CharField(choices=[('open', 'open: teams and reviewers know each other'), ('reviewer-blind', 'teams do not know the reviewers'), ('dual-anonymous', 'dual-anonymous: neither side knows the other')], default='reviewer-blind', max_length=16, verbose_name='how proposals are judged')),
                        ('lottery_within', models.PositiveIntegerField(default=0, help_text='in millionths of the full mark; 0: no lottery', verbose_name='portfolios so close to the best are drawn by lot')),
                        ('cancelled_because', models.TextField(blank=True, verbose_name='why it was cancelled')),
                        ('version', models.PositiveIntegerField(default=1)),
                        ('created_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('published_at', models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='PortfolioRule',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='portfolio_rules', to='opportunities.opportunity')),
                        ('by', models.CharField(choices=[('country', 'country'), ('institution', 'institution'), ('theme', 'theme'), ('first-time', 'first-time participants'), ('element', 'element'), ('all', 'all proposals')], max_length=12)),
                        ('group', models.CharField(blank=True, max_length=80)),
                        ('measure', models.CharField(choices=[('number', 'selected proposals'), ('shares', 'shares in selected proposals'), ('amount', 'an amount of a resource'), ('part', 'a part of what is selected, in per cent')], default='number', max_length=6)),
                        ('resource', models.CharField(blank=True, choices=[('mass', 'mass'), ('power-average', 'average power'), ('power-peak', 'peak power'), ('data-per-day', 'data per day'), ('slots', 'mounting slots'), ('station-time', 'station time'), ('other', 'other resource')], max_length=16)),
                        ('name', models.CharField(blank=True, max_length=80, verbose_name='name of the resource')),
                        ('unit', models.CharField(blank=True, max_length=20, verbose_name='unit')),
                        ('at_least', models.PositiveBigIntegerField(null=True)),
                        ('at_most', models.PositiveBigIntegerField(null=True)),
                        ('distinct', models.BooleanField(default=False, help_text='count different groups instead of items: at least 6 countries')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('at_least__isnull', False), ('at_most__isnull', False), _connector='OR'), name='portfolio_rule_says_something'), models.UniqueConstraint(fields=('opportunity', 'by', 'group', 'distinct', 'measure', 'resource', 'name'), name='one_portfolio_rule_per_group'), models.CheckConstraint(condition=models.Q(models.Q(('measure', 'amount'), models.Q(('resource', ''), _negated=True)), ('measure', 'part'), models.Q(('measure__in', ['number', 'shares']), ('resource', '')), _connector='OR'), name='portfolio_rule_measures_a_resource'), models.CheckConstraint(condition=models.Q(models.Q(('measure', 'part'), _negated=True), models.Q(models.Q(('at_least__isnull', True), ('at_least__lte', 1000), _connector='OR'), models.Q(('at_most__isnull', True), ('at_most__lte', 1000), _connector='OR')), _connector='OR'), name='portfolio_rule_part_of_the_whole'), models.CheckConstraint(condition=models.Q(('measure', 'number'), ('distinct', False), _connector='OR'), name='portfolio_rule_counts_different_groups'), models.CheckConstraint(condition=models.Q(models.Q(('resource', 'other'), models.Q(('name', ''), _negated=True), models.Q(('unit', ''), _negated=True)), models.Q(models.Q(('resource', 'other'), _negated=True), ('name', ''), ('unit', '')), _connector='OR'), name='portfolio_rule_names_other_resource')],
                    },
                ),
                migrations.CreateModel(
                    name='Question',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='opportunities.opportunity')),
                        ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('text', models.TextField()),
                        ('answer', models.TextField(blank=True)),
                        ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('answered_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'ordering': ('asked_at', 'id'),
                    },
                ),
                migrations.CreateModel(
                    name='StageDate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stage_dates', to='opportunities.opportunity')),
                        ('stage', models.CharField(choices=[('open', 'call opens'), ('letters', 'letters of intent due'), ('shortlist', 'first selection announced'), ('proposals', 'proposals due'), ('declarations', 'reviewers declare conflicts'), ('reviews', 'reviews due'), ('discussion', 'panels meet'), ('decision', 'decision announced'), ('confirmation', 'places confirmed')], max_length=12)),
                        ('first_promised', models.DateTimeField(null=True)),
                        ('promised', models.DateTimeField(null=True)),
                        ('kept', models.DateTimeField(null=True)),
                        ('note', models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        'ordering': ('promised', 'id'),
                        'constraints': [models.UniqueConstraint(fields=('opportunity', 'stage'), name='one_date_per_stage')],
                    },
                ),
                migrations.CreateModel(
                    name='AccommodationEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='opportunities.accommodation')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='opportunities.opportunity')),
                        ('element', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='programmes.element')),
                        ('length_um', models.BigIntegerField(null=True)),
                        ('width_um', models.BigIntegerField(null=True)),
                        ('height_um', models.BigIntegerField(null=True)),
                        ('coldest_centidegree', models.IntegerField(null=True)),
                        ('hottest_centidegree', models.IntegerField(null=True)),
                        ('note', models.TextField(blank=True)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CriterionEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='opportunities.criterion')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='opportunities.opportunity')),
                        ('name', models.CharField(max_length=120)),
                        ('name_zh', models.CharField(blank=True, max_length=120)),
                        ('description', models.TextField(blank=True)),
                        ('weight', models.PositiveIntegerField(default=1)),
                        ('lowest', models.IntegerField(default=0)),
                        ('highest', models.IntegerField(default=10)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='EnvelopeLineEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='opportunities.envelopeline')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='opportunities.opportunity')),
                        ('element', models.ForeignKey(db_constraint=False, help_text='empty: the whole mission', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='programmes.element')),
                        ('resource', models.CharField(choices=[('mass', 'mass'), ('power-average', 'average power'), ('power-peak', 'peak power'), ('data-per-day', 'data per day'), ('slots', 'mounting slots'), ('station-time', 'station time'), ('other', 'other resource')], max_length=16)),
                        ('name', models.CharField(blank=True, max_length=80, verbose_name='name of the resource')),
                        ('unit', models.CharField(blank=True, max_length=20, verbose_name='unit')),
                        ('total', models.BigIntegerField(null=True, verbose_name='in total')),
                        ('per_item', models.BigIntegerField(null=True, verbose_name='at most per item')),
                        ('margin', models.BigIntegerField(default=0, verbose_name='held back')),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='PortfolioRuleEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='opportunities.portfoliorule')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='opportunities.opportunity')),
                        ('by', models.CharField(choices=[('country', 'country'), ('institution', 'institution'), ('theme', 'theme'), ('first-time', 'first-time participants'), ('element', 'element'), ('all', 'all proposals')], max_length=12)),
                        ('group', models.CharField(blank=True, max_length=80)),
                        ('measure', models.CharField(choices=[('number', 'selected proposals'), ('shares', 'shares in selected proposals'), ('amount', 'an amount of a resource'), ('part', 'a part of what is selected, in per cent')], default='number', max_length=6)),
                        ('resource', models.CharField(blank=True, choices=[('mass', 'mass'), ('power-average', 'average power'), ('power-peak', 'peak power'), ('data-per-day', 'data per day'), ('slots', 'mounting slots'), ('station-time', 'station time'), ('other', 'other resource')], max_length=16)),
                        ('name', models.CharField(blank=True, max_length=80, verbose_name='name of the resource')),
                        ('unit', models.CharField(blank=True, max_length=20, verbose_name='unit')),
                        ('at_least', models.PositiveBigIntegerField(null=True)),
                        ('at_most', models.PositiveBigIntegerField(null=True)),
                        ('distinct', models.BooleanField(default=False, help_text='count different groups instead of items: at least 6 countries')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='QuestionEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='opportunities.question')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='opportunities.opportunity')),
                        ('asked_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('text', models.TextField()),
                        ('answer', models.TextField(blank=True)),
                        ('answered_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('answered_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='StageDateEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='opportunities.stagedate')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('opportunity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='opportunities.opportunity')),
                        ('stage', models.CharField(choices=[('open', 'call opens'), ('letters', 'letters of intent due'), ('shortlist', 'first selection announced'), ('proposals', 'proposals due'), ('declarations', 'reviewers declare conflicts'), ('reviews', 'reviews due'), ('discussion', 'panels meet'), ('decision', 'decision announced'), ('confirmation', 'places confirmed')], max_length=12)),
                        ('first_promised', models.DateTimeField(null=True)),
                        ('promised', models.DateTimeField(null=True)),
                        ('kept', models.DateTimeField(null=True)),
                        ('note', models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='state_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{closed:cancelled,closed:decided,closed:open,draft:open,open:cancelled,open:closed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='2d853b00a6b02e2e1a9ee422b0e9849fcf85bdcd', operation='UPDATE', pgid='pgtrigger_state_transitions_933ee', table='opportunities_opportunity', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='changes_by_amendment', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."agency_id" IS DISTINCT FROM (NEW."agency_id") OR OLD."deadline" IS DISTINCT FROM (NEW."deadline") OR OLD."deadline_zone" IS DISTINCT FROM (NEW."deadline_zone") OR OLD."eligibility" IS DISTINCT FROM (NEW."eligibility") OR OLD."eligibility_zh" IS DISTINCT FROM (NEW."eligibility_zh") OR OLD."letter_deadline" IS DISTINCT FROM (NEW."letter_deadline") OR OLD."letter_required" IS DISTINCT FROM (NEW."letter_required") OR OLD."lottery_within" IS DISTINCT FROM (NEW."lottery_within") OR OLD."mission_id" IS DISTINCT FROM (NEW."mission_id") OR OLD."origin" IS DISTINCT FROM (NEW."origin") OR OLD."review_mode" IS DISTINCT FROM (NEW."review_mode") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."summary" IS DISTINCT FROM (NEW."summary") OR OLD."summary_zh" IS DISTINCT FROM (NEW."summary_zh") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."title_zh" IS DISTINCT FROM (NEW."title_zh"))', func="\nIF EXISTS (\n    SELECT 1 FROM opportunities_opportunity AS o\n    WHERE o.id IN (OLD.id) AND o.state <> 'draft' AND NOT EXISTS (\n        SELECT 1 FROM opportunities_amendment AS a\n        WHERE a.opportunity_id = o.id AND a.transaction = pg_current_xact_id()::text::bigint\n    )\n) THEN\n    RAISE EXCEPTION 'The terms of a published opportunity change by amendment only';\nEND IF;\nIF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\nRETURN NEW;\n", hash='aef6d847118865baaff8eec973efdc56d844e445', operation='UPDATE', pgid='pgtrigger_changes_by_amendment_d1cfb', table='opportunities_opportunity', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='deadline_only_moves_later', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."deadline" < (OLD."deadline") AND OLD."origin" = \'real\' AND NOT (OLD."state" = \'draft\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='3efd17d38c6c9f753050508cd1d87a5cf63b1788', operation='UPDATE', pgid='pgtrigger_deadline_only_moves_later_31764', table='opportunities_opportunity', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='published_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."published_at" IS DISTINCT FROM (NEW."published_at") AND NOT (OLD."state" = \'draft\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='a098ddf62046e4a75d38bdff111a5e94cf122cbb', operation='UPDATE', pgid='pgtrigger_published_once_d0ec8', table='opportunities_opportunity', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='review_mode_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."review_mode" IS DISTINCT FROM (NEW."review_mode") AND NOT (OLD."state" = \'draft\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='e128d70a304246d293d3fd45c94c4d63f1e81db3', operation='UPDATE', pgid='pgtrigger_review_mode_stays_3a302', table='opportunities_opportunity', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='lottery_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."lottery_within" IS DISTINCT FROM (NEW."lottery_within") AND NOT (OLD."state" = \'draft\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='e5deaa2f93276341aefb998f43cbab2bc67bab7f', operation='UPDATE', pgid='pgtrigger_lottery_stays_1c205', table='opportunities_opportunity', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "opportunities_opportunityevent" ("agency_id", "cancelled_because", "catalogue_call", "created_at", "created_by_id", "deadline", "deadline_zone", "eligibility", "eligibility_zh", "id", "letter_deadline", "letter_required", "lottery_within", "mission_id", "origin", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "review_mode", "site_id", "slug", "state", "summary", "summary_zh", "title", "title_zh", "version") VALUES (NEW."agency_id", NEW."cancelled_because", NEW."catalogue_call", NEW."created_at", NEW."created_by_id", NEW."deadline", NEW."deadline_zone", NEW."eligibility", NEW."eligibility_zh", NEW."id", NEW."letter_deadline", NEW."letter_required", NEW."lottery_within", NEW."mission_id", NEW."origin", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."published_at", NEW."review_mode", NEW."site_id", NEW."slug", NEW."state", NEW."summary", NEW."summary_zh", NEW."title", NEW."title_zh", NEW."version"); RETURN NULL;', hash='72b4d0d578a8bb31429f3662b95c96e9ada80449', operation='INSERT', pgid='pgtrigger_insert_insert_b8896', table='opportunities_opportunity', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "opportunities_opportunityevent" ("agency_id", "cancelled_because", "catalogue_call", "created_at", "created_by_id", "deadline", "deadline_zone", "eligibility", "eligibility_zh", "id", "letter_deadline", "letter_required", "lottery_within", "mission_id", "origin", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "review_mode", "site_id", "slug", "state", "summary", "summary_zh", "title", "title_zh", "version") VALUES (NEW."agency_id", NEW."cancelled_because", NEW."catalogue_call", NEW."created_at", NEW."created_by_id", NEW."deadline", NEW."deadline_zone", NEW."eligibility", NEW."eligibility_zh", NEW."id", NEW."letter_deadline", NEW."letter_required", NEW."lottery_within", NEW."mission_id", NEW."origin", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."published_at", NEW."review_mode", NEW."site_id", NEW."slug", NEW."state", NEW."summary", NEW."summary_zh", NEW."title", NEW."title_zh", NEW."version"); RETURN NULL;', hash='470366797edf6f6916292b668a6b9a90123cb3be', operation='UPDATE', pgid='pgtrigger_update_update_3a20e', table='opportunities_opportunity', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='accommodation',
                    trigger=pgtrigger.compiler.Trigger(name='changes_by_amendment', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF EXISTS (\n    SELECT 1 FROM opportunities_opportunity AS o\n    WHERE o.id IN (NEW.opportunity_id, OLD.opportunity_id) AND o.state <> 'draft' AND NOT EXISTS (\n        SELECT 1 FROM opportunities_amendment AS a\n        WHERE a.opportunity_id = o.id AND a.transaction = pg_current_xact_id()::text::bigint\n    )\n) THEN\n    RAISE EXCEPTION 'The terms of a published opportunity change by amendment only';\nEND IF;\nIF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\nRETURN NEW;\n", hash='d1632a20a1fbf2015672e775822c46f7cba01817', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_by_amendment_af8e1', table='opportunities_accommodation', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='accommodation',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "opportunities_accommodationevent" ("coldest_centidegree", "element_id", "height_um", "hottest_centidegree", "id", "length_um", "note", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "width_um") VALUES (NEW."coldest_centidegree", NEW."element_id", NEW."height_um", NEW."hottest_centidegree", NEW."id", NEW."length_um", NEW."note", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."width_um"); RETURN NULL;', hash='35f5230b0007f204899b0b8479a6c0b4b4e68efe', operation='INSERT', pgid='pgtrigger_insert_insert_c9394', table='opportunities_accommodation', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='accommodation',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "opportunities_accommodationevent" ("coldest_centidegree", "element_id", "height_um", "hottest_centidegree", "id", "length_um", "note", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "width_um") VALUES (NEW."coldest_centidegree", NEW."element_id", NEW."height_um", NEW."hottest_centidegree", NEW."id", NEW."length_um", NEW."note", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."width_um"); RETURN NULL;', hash='392294d8fa64fed680ce1d84e78138d01c50149b', operation='UPDATE', pgid='pgtrigger_update_update_5acc4', table='opportunities_accommodation', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='amendment',
                    trigger=pgtrigger.compiler.Trigger(name='amendments_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ecb791457a8b6b4a2e9bba3eab067e54ec060a74', operation='UPDATE OR DELETE', pgid='pgtrigger_amendments_stay_d83c1', table='opportunities_amendment', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='criterion',
                    trigger=pgtrigger.compiler.Trigger(name='changes_by_amendment', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF EXISTS (\n    SELECT 1 FROM opportunities_opportunity AS o\n    WHERE o.id IN (NEW.opportunity_id, OLD.opportunity_id) AND o.state <> 'draft' AND NOT EXISTS (\n        SELECT 1 FROM opportunities_amendment AS a\n        WHERE a.opportunity_id = o.id AND a.transaction = pg_current_xact_id()::text::bigint\n    )\n) THEN\n    RAISE EXCEPTION 'The terms of a published opportunity change by amendment only';\nEND IF;\nIF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\nRETURN NEW;\n", hash='0c4feb03aba76860c3873d78496edc7d4d73679d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_by_amendment_425ad', table='opportunities_criterion', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='criterion',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "opportunities_criterionevent" ("description", "highest", "id", "lowest", "name", "name_zh", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "weight") VALUES (NEW."description", NEW."highest", NEW."id", NEW."lowest", NEW."name", NEW."name_zh", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."weight"); RETURN NULL;', hash='8ba45ba7c10ebee06f23997a41ae7addbd9a2867', operation='INSERT', pgid='pgtrigger_insert_insert_33e0b', table='opportunities_criterion', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='criterion',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "opportunities_criterionevent" ("description", "highest", "id", "lowest", "name", "name_zh", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "weight") VALUES (NEW."description", NEW."highest", NEW."id", NEW."lowest", NEW."name", NEW."name_zh", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."weight"); RETURN NULL;', hash='aa2fc25ef4cd0191b727ee1bb411b71c10f045c3', operation='UPDATE', pgid='pgtrigger_update_update_14d4e', table='opportunities_criterion', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='document',
                    trigger=pgtrigger.compiler.Trigger(name='changes_by_amendment', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF EXISTS (\n    SELECT 1 FROM opportunities_opportunity AS o\n    WHERE o.id IN (NEW.opportunity_id, OLD.opportunity_id) AND o.state <> 'draft' AND NOT EXISTS (\n        SELECT 1 FROM opportunities_amendment AS a\n        WHERE a.opportunity_id = o.id AND a.transaction = pg_current_xact_id()::text::bigint\n    )\n) THEN\n    RAISE EXCEPTION 'The terms of a published opportunity change by amendment only';\nEND IF;\nIF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\nRETURN NEW;\n", hash='448c4b44f9a5cc870a14ceaad6b27ec6793bdd8a', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_by_amendment_50307', table='opportunities_document', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='envelopeline',
                    trigger=pgtrigger.compiler.Trigger(name='changes_by_amendment', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF EXISTS (\n    SELECT 1 FROM opportunities_opportunity AS o\n    WHERE o.id IN (NEW.opportunity_id, OLD.opportunity_id) AND o.state <> 'draft' AND NOT EXISTS (\n        SELECT 1 FROM opportunities_amendment AS a\n        WHERE a.opportunity_id = o.id AND a.transaction = pg_current_xact_id()::text::bigint\n    )\n) THEN\n    RAISE EXCEPTION 'The terms of a published opportunity change by amendment only';\nEND IF;\nIF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\nRETURN NEW;\n", hash='2b5f38d0b59e10403771df45400694639a78ae94', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_by_amendment_5f2f5', table='opportunities_envelopeline', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='envelopeline',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "opportunities_envelopelineevent" ("element_id", "id", "margin", "name", "opportunity_id", "per_item", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "resource", "total", "unit") VALUES (NEW."element_id", NEW."id", NEW."margin", NEW."name", NEW."opportunity_id", NEW."per_item", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."position", NEW."resource", NEW."total", NEW."unit"); RETURN NULL;', hash='84892cdf9dc81b539596944024574f91ebaeb795', operation='INSERT', pgid='pgtrigger_insert_insert_4a4eb', table='opportunities_envelopeline', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='envelopeline',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "opportunities_envelopelineevent" ("element_id", "id", "margin", "name", "opportunity_id", "per_item", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "resource", "total", "unit") VALUES (NEW."element_id", NEW."id", NEW."margin", NEW."name", NEW."opportunity_id", NEW."per_item", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."position", NEW."resource", NEW."total", NEW."unit"); RETURN NULL;', hash='189a76b0d304546156bc2061ab16cad47e93bbfc', operation='UPDATE', pgid='pgtrigger_update_update_c69fb', table='opportunities_envelopeline', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='portfoliorule',
                    trigger=pgtrigger.compiler.Trigger(name='changes_by_amendment', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF EXISTS (\n    SELECT 1 FROM opportunities_opportunity AS o\n    WHERE o.id IN (NEW.opportunity_id, OLD.opportunity_id) AND o.state <> 'draft' AND NOT EXISTS (\n        SELECT 1 FROM opportunities_amendment AS a\n        WHERE a.opportunity_id = o.id AND a.transaction = pg_current_xact_id()::text::bigint\n    )\n) THEN\n    RAISE EXCEPTION 'The terms of a published opportunity change by amendment only';\nEND IF;\nIF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\nRETURN NEW;\n", hash='6b9fc126e418b1863bc19df7019dff5ce172b8c6', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_by_amendment_d15be', table='opportunities_portfoliorule', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='portfoliorule',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "opportunities_portfolioruleevent" ("at_least", "at_most", "by", "distinct", "group", "id", "measure", "name", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resource", "unit") VALUES (NEW."at_least", NEW."at_most", NEW."by", NEW."distinct", NEW."group", NEW."id", NEW."measure", NEW."name", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."resource", NEW."unit"); RETURN NULL;', hash='b8c447cc73769eec497bf113add958ff5f34074b', operation='INSERT', pgid='pgtrigger_insert_insert_93d86', table='opportunities_portfoliorule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='portfoliorule',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "opportunities_portfolioruleevent" ("at_least", "at_most", "by", "distinct", "group", "id", "measure", "name", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resource", "unit") VALUES (NEW."at_least", NEW."at_most", NEW."by", NEW."distinct", NEW."group", NEW."id", NEW."measure", NEW."name", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."resource", NEW."unit"); RETURN NULL;', hash='1b1397d9e9c6f7893317047c4375c8bc863bcd08', operation='UPDATE', pgid='pgtrigger_update_update_6f1e2', table='opportunities_portfoliorule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='question',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "opportunities_questionevent" ("answer", "answered_at", "answered_by_id", "asked_at", "asked_by_id", "id", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text") VALUES (NEW."answer", NEW."answered_at", NEW."answered_by_id", NEW."asked_at", NEW."asked_by_id", NEW."id", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."text"); RETURN NULL;', hash='9017021469c45fac9b620ddcc6d488fba2f9c204', operation='INSERT', pgid='pgtrigger_insert_insert_18443', table='opportunities_question', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='question',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "opportunities_questionevent" ("answer", "answered_at", "answered_by_id", "asked_at", "asked_by_id", "id", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text") VALUES (NEW."answer", NEW."answered_at", NEW."answered_by_id", NEW."asked_at", NEW."asked_by_id", NEW."id", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."text"); RETURN NULL;', hash='1841c60c3218782c58fc54c6b9eac572f3754ca5', operation='UPDATE', pgid='pgtrigger_update_update_7f0d0', table='opportunities_question', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stagedate',
                    trigger=pgtrigger.compiler.Trigger(name='changes_by_amendment', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."first_promised" IS DISTINCT FROM (NEW."first_promised") OR OLD."opportunity_id" IS DISTINCT FROM (NEW."opportunity_id") OR OLD."promised" IS DISTINCT FROM (NEW."promised") OR OLD."stage" IS DISTINCT FROM (NEW."stage"))', func="\nIF EXISTS (\n    SELECT 1 FROM opportunities_opportunity AS o\n    WHERE o.id IN (NEW.opportunity_id) AND o.state <> 'draft' AND NOT EXISTS (\n        SELECT 1 FROM opportunities_amendment AS a\n        WHERE a.opportunity_id = o.id AND a.transaction = pg_current_xact_id()::text::bigint\n    )\n) THEN\n    RAISE EXCEPTION 'The terms of a published opportunity change by amendment only';\nEND IF;\nIF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\nRETURN NEW;\n", hash='e33086eeec04ea1f3a3282cf6bde0645795feb01', operation='UPDATE', pgid='pgtrigger_changes_by_amendment_f9ab2', table='opportunities_stagedate', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stagedate',
                    trigger=pgtrigger.compiler.Trigger(name='promises_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT 1 FROM opportunities_opportunity AS o WHERE o.id = OLD.opportunity_id AND o.state <> 'draft') THEN\n                IF TG_OP = 'DELETE' OR (OLD.promised IS NOT NULL AND NEW.promised IS NULL) THEN\n                    RAISE EXCEPTION 'A published promise may move, but not vanish';\n                END IF;\n            END IF;\n            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n            RETURN NEW;\n        ", hash='4a21ef161e2deec4c1f43a547042e29a50c97569', operation='UPDATE OR DELETE', pgid='pgtrigger_promises_stay_fdbc0', table='opportunities_stagedate', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stagedate',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "opportunities_stagedateevent" ("first_promised", "id", "kept", "note", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "promised", "stage") VALUES (NEW."first_promised", NEW."id", NEW."kept", NEW."note", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."promised", NEW."stage"); RETURN NULL;', hash='a7c93f18ba08a3a7b3e45497d8a5126f7e9a49e8', operation='INSERT', pgid='pgtrigger_insert_insert_7d9fa', table='opportunities_stagedate', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stagedate',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "opportunities_stagedateevent" ("first_promised", "id", "kept", "note", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "promised", "stage") VALUES (NEW."first_promised", NEW."id", NEW."kept", NEW."note", NEW."opportunity_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."promised", NEW."stage"); RETURN NULL;', hash='664561e912e8b5be1c3c22c8406c8f277c760c06', operation='UPDATE', pgid='pgtrigger_update_update_b9ab0', table='opportunities_stagedate', when='AFTER')),
                ),
            ],
        ),
    ]
