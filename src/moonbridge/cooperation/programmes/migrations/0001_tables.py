import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
import moonbridge.schema
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('programmes', '0001_initial'),
        ('programmes', '0002_catalogue'),
        ('programmes', '0003_catalogued'),
        ('programmes', '0004_sites'),
    ]

    dependencies = [
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(
        ),
        moonbridge.schema.Together(
            operations=[
                migrations.CreateModel(
                    name='Partner',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('slug', models.SlugField(max_length=80, unique=True)),
                        ('kind', models.CharField(choices=[('country', 'country'), ('agency', 'agency'), ('institution', 'institution'), ('organisation', 'international organisation')], max_length=12)),
                        ('name', models.CharField(max_length=200)),
                        ('name_zh', models.CharField(blank=True, max_length=200)),
                        ('short', models.CharField(blank=True, max_length=40)),
                        ('country', models.CharField(blank=True, max_length=2)),
                        ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='programmes.partner')),
                        ('aliases', models.JSONField(default=list)),
                        ('catalogued', models.BooleanField(default=False, editable=False)),
                    ],
                ),
                migrations.CreateModel(
                    name='Conflict',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField(max_length=80, unique=True)),
                        ('subject', models.CharField(max_length=120)),
                        ('field', models.CharField(max_length=80)),
                        ('topic', models.CharField(max_length=200)),
                        ('known', models.TextField()),
                        ('position', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'ordering': ('position',),
                    },
                ),
                migrations.CreateModel(
                    name='Source',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField(max_length=80, unique=True)),
                        ('title', models.CharField(max_length=300)),
                        ('url', models.URLField(blank=True, max_length=500)),
                        ('position', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'ordering': ('position',),
                    },
                ),
                migrations.CreateModel(
                    name='LoadedCatalogue',
                    fields=[
                        ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                        ('digest', models.CharField(max_length=64)),
                        ('loaded_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_loaded_catalogue')],
                    },
                ),
                migrations.CreateModel(
                    name='SearchDocument',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('address', models.CharField(max_length=160, unique=True)),
                        ('origin', models.CharField(max_length=20)),
                        ('kind', models.CharField(max_length=20)),
                        ('title', models.CharField(max_length=300)),
                        ('title_zh', models.CharField(blank=True, max_length=200)),
                        ('names', models.TextField()),
                        ('words', models.TextField()),
                        ('weight', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('words', name='gin_trgm_ops'), name='search_words')],
                    },
                ),
                migrations.CreateModel(
                    name='Participation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject', models.CharField(db_index=True, max_length=120)),
                        ('partner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='participations', to='programmes.partner')),
                        ('role', models.CharField(choices=[('country', 'country'), ('host', 'host'), ('lead', 'lead'), ('member', 'member'), ('counterpart', 'counterpart'), ('funder', 'funder'), ('party', 'party'), ('borrower', 'borrower'), ('recipient', 'recipient'), ('observer', 'observer')], max_length=12)),
                        ('position', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'ordering': ('position',),
                        'constraints': [models.UniqueConstraint(fields=('subject', 'partner', 'role'), name='one_participation_per_role')],
                    },
                ),
                migrations.CreateModel(
                    name='Programme',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('slug', models.SlugField(max_length=80, unique=True)),
                        ('name', models.CharField(max_length=200)),
                        ('name_zh', models.CharField(blank=True, max_length=200)),
                        ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='programmes', to='programmes.partner')),
                        ('summary', models.TextField(blank=True)),
                        ('position', models.PositiveIntegerField(default=0)),
                        ('catalogued', models.BooleanField(default=False, editable=False)),
                    ],
                    options={
                        'ordering': ('position', 'slug'),
                    },
                ),
                migrations.CreateModel(
                    name='Claim',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject', models.CharField(max_length=120)),
                        ('field', models.CharField(max_length=80)),
                        ('position', models.PositiveIntegerField()),
                        ('value', models.JSONField(null=True)),
                        ('text', models.TextField(blank=True)),
                        ('amount', models.BigIntegerField(null=True)),
                        ('amount_kind', models.CharField(blank=True, max_length=20)),
                        ('earliest', models.DateField(null=True)),
                        ('latest', models.DateField(null=True)),
                        ('said', models.CharField(blank=True, max_length=40)),
                        ('confidence', models.CharField(blank=True, choices=[('high', 'high'), ('medium', 'medium'), ('low', 'low')], max_length=6)),
                        ('note', models.TextField(blank=True)),
                        ('conflict', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sides', to='programmes.conflict')),
                        ('file', models.CharField(max_length=120)),
                        ('line', models.PositiveIntegerField()),
                        ('sources', models.ManyToManyField(related_name='claims', to='programmes.source')),
                    ],
                    options={
                        'ordering': ('position',),
                        'indexes': [models.Index(fields=['subject', 'field'], name='claim_by_subject')],
                        'constraints': [models.UniqueConstraint(fields=('subject', 'position'), name='one_claim_per_place'), models.CheckConstraint(condition=models.Q(('value__isnull', True), models.Q(('confidence', ''), _negated=True), _connector='OR'), name='known_claims_say_how_far')],
                    },
                ),
                migrations.CreateModel(
                    name='Milestone',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject', models.CharField(db_index=True, max_length=120)),
                        ('position', models.PositiveIntegerField()),
                        ('what', models.TextField()),
                        ('date_text', models.CharField(max_length=40)),
                        ('earliest', models.DateField()),
                        ('latest', models.DateField()),
                        ('confidence', models.CharField(blank=True, choices=[('high', 'high'), ('medium', 'medium'), ('low', 'low')], max_length=6)),
                        ('note', models.TextField(blank=True)),
                        ('sources', models.ManyToManyField(related_name='milestones', to='programmes.source')),
                    ],
                    options={
                        'ordering': ('earliest', 'latest', 'position'),
                    },
                ),
                migrations.CreateModel(
                    name='Mission',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('slug', models.SlugField(max_length=80, unique=True)),
                        ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='missions', to='programmes.programme')),
                        ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='missions', to='programmes.partner')),
                        ('name', models.CharField(max_length=200)),
                        ('name_zh', models.CharField(blank=True, max_length=200)),
                        ('position', models.PositiveIntegerField(default=0)),
                        ('catalogued', models.BooleanField(default=False, editable=False)),
                    ],
                    options={
                        'ordering': ('position', 'slug'),
                    },
                ),
                migrations.CreateModel(
                    name='Element',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('mission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='elements', to='programmes.mission')),
                        ('slug', models.SlugField(max_length=80)),
                        ('kind', models.CharField(choices=[('orbiter', 'orbiter'), ('lander', 'lander'), ('rover', 'rover'), ('relay', 'relay'), ('ascender', 'ascender'), ('returner', 'returner'), ('hopper', 'hopper'), ('robot', 'robot'), ('facility', 'station facility'), ('satellite', 'satellite'), ('smallsat', 'small satellite'), ('launcher', 'launch vehicle'), ('ground', 'ground facility')], max_length=12)),
                        ('name', models.CharField(max_length=200)),
                        ('name_zh', models.CharField(blank=True, max_length=200)),
                        ('position', models.PositiveIntegerField(default=0)),
                        ('catalogued', models.BooleanField(default=False, editable=False)),
                    ],
                    options={
                        'ordering': ('position', 'slug'),
                        'constraints': [models.UniqueConstraint(fields=('mission', 'slug'), name='one_element_per_slug')],
                    },
                ),
                migrations.CreateModel(
                    name='Site',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('slug', models.SlugField(max_length=80, unique=True)),
                        ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='programmes.programme')),
                        ('mission', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sites', to='programmes.mission')),
                        ('name', models.CharField(max_length=200)),
                        ('name_zh', models.CharField(blank=True, max_length=200)),
                        ('latitude_deg', models.DecimalField(decimal_places=6, max_digits=9)),
                        ('longitude_deg', models.DecimalField(decimal_places=6, max_digits=9)),
                        ('position', models.PositiveIntegerField(default=0)),
                        ('catalogued', models.BooleanField(default=False, editable=False)),
                    ],
                    options={
                        'ordering': ('position', 'slug'),
                        'constraints': [models.CheckConstraint(condition=models.Q(('latitude_deg__range', (-90, 90))), name='site_latitude_on_the_moon'), models.CheckConstraint(condition=models.Q(('longitude_deg__range', (-180, 360))), name='site_longitude_on_the_moon')],
                    },
                ),
                migrations.CreateModel(
                    name='CatalogueEntry',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('kind', models.CharField(choices=[('payload', 'payload'), ('call', 'opportunity'), ('experiment', 'experiment'), ('batch', 'sample batch'), ('round', 'loan round'), ('loan', 'sample loan'), ('gift', 'sample gift'), ('membership', 'membership'), ('agreement', 'agreement'), ('practice', 'practice elsewhere'), ('lesson', 'lesson'), ('question', 'open question')], max_length=12)),
                        ('slug', models.SlugField(max_length=80)),
                        ('programme', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='programmes.programme')),
                        ('name', models.CharField(max_length=300)),
                        ('name_zh', models.CharField(blank=True, max_length=200)),
                        ('mission', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='programmes.mission')),
                        ('element', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='payloads', to='programmes.element')),
                        ('partner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='programmes.partner')),
                        ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='programmes.catalogueentry')),
                        ('type', models.CharField(blank=True, max_length=40)),
                        ('standing', models.CharField(blank=True, choices=[('selected', 'selected'), ('conditional', 'conditional'), ('flown', 'flown'), ('lost', 'lost after selection')], max_length=12)),
                        ('audience', models.CharField(blank=True, choices=[('international', 'international'), ('domestic', 'domestic'), ('both', 'domestic and international')], max_length=13)),
                        ('about', models.CharField(blank=True, max_length=120)),
                        ('position', models.PositiveIntegerField(default=0)),
                        ('sampled', models.ManyToManyField(related_name='sample_offers', to='programmes.mission')),
                    ],
                    options={
                        'ordering': ('position',),
                        'constraints': [models.UniqueConstraint(fields=('kind', 'slug'), name='one_entry_per_address')],
                    },
                ),
            ],
        ),
    ]
