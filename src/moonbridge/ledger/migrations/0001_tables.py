import django.db.models.deletion
import django.db.models.expressions
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
        ('ledger', '0001_initial'),
        ('ledger', '0004_cosigners'),
    ]

    dependencies = [
        ('accounts', '0001_tables'),
    ]

    operations = [
        moonbridge.schema.Together(
            operations=[
                migrations.CreateModel(
                    name='Book',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('slug', models.CharField(max_length=200, unique=True)),
                        ('name', models.CharField(max_length=200, verbose_name='name')),
                        ('quantity', models.CharField(help_text='the kind of quantity; its base unit is the unit of the book', max_length=40)),
                        ('synthetic', models.BooleanField(default=False)),
                        ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                ),
                migrations.CreateModel(
                    name='CoSigner',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120)),
                        ('public_key', models.CharField(max_length=60, unique=True)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('name',), name='ledger_one_key_per_partner')],
                    },
                ),
                migrations.CreateModel(
                    name='Account',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('book', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='ledger.book')),
                        ('kind', models.CharField(choices=[('origin', 'ORIGIN'), ('store', 'STORE'), ('transit', 'TRANSIT'), ('loan', 'LOAN'), ('residue', 'RESIDUE'), ('consumed', 'CONSUMED'), ('prep-loss', 'PREP_LOSS'), ('lost', 'LOST'), ('ceded', 'CEDED'), ('adjust', 'ADJUST')], max_length=10)),
                        ('label', models.CharField(blank=True, max_length=120)),
                        ('balance', models.BigIntegerField(db_default=0)),
                        ('held', models.BigIntegerField(db_default=0)),
                        ('version', models.BigIntegerField(db_default=0)),
                        ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('book', 'kind', 'label'), name='ledger_one_account_per_name'), models.CheckConstraint(condition=models.Q(('kind__in', ['origin', 'store', 'transit', 'loan', 'residue', 'consumed', 'prep-loss', 'lost', 'ceded', 'adjust'])), name='ledger_account_kind_known'), models.CheckConstraint(condition=models.Q(('kind', 'origin'), ('balance__gte', models.F('held')), _connector='OR'), name='ledger_never_more_than_there_is'), models.CheckConstraint(condition=models.Q(('held__gte', 0)), name='ledger_held_never_negative')],
                    },
                ),
                migrations.CreateModel(
                    name='Checkpoint',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('book', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='checkpoints', to='ledger.book')),
                        ('size', models.BigIntegerField()),
                        ('root', models.BinaryField()),
                        ('frontier', models.JSONField()),
                        ('note', models.TextField()),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('book', 'size'), name='ledger_one_checkpoint_per_size')],
                    },
                ),
                migrations.CreateModel(
                    name='Movement',
                    fields=[
                        ('id', models.UUIDField(primary_key=True, serialize=False)),
                        ('book', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='ledger.book')),
                        ('kind', models.CharField(choices=[('intake', 'INTAKE'), ('withdraw', 'WITHDRAW'), ('split', 'SPLIT'), ('recombine', 'RECOMBINE'), ('reserve', 'RESERVE'), ('void', 'VOID'), ('post', 'POST'), ('dispatch', 'DISPATCH'), ('receive', 'RECEIVE'), ('transfer', 'TRANSFER'), ('sub-split', 'SUB_SPLIT'), ('consume', 'CONSUME'), ('residue', 'RESIDUE'), ('return', 'RETURN'), ('grant', 'GRANT'), ('release', 'RELEASE'), ('cede', 'CEDE'), ('lose', 'LOSE'), ('find', 'FIND'), ('adjust', 'ADJUST'), ('correct', 'CORRECT')], max_length=10)),
                        ('legs', models.SmallIntegerField()),
                        ('reason', models.TextField(blank=True)),
                        ('facts', models.JSONField(default=dict)),
                        ('digest', models.BinaryField()),
                        ('at', models.DateTimeField()),
                        ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('reservation', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.movement')),
                        ('corrects', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.movement')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['book', 'at'], name='ledger_movement_by_time')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['intake', 'withdraw', 'split', 'recombine', 'reserve', 'void', 'post', 'dispatch', 'receive', 'transfer', 'sub-split', 'consume', 'residue', 'return', 'grant', 'release', 'cede', 'lose', 'find', 'adjust', 'correct'])), name='ledger_movement_kind_known'), models.UniqueConstraint(condition=models.Q(('reservation__isnull', False)), fields=('reservation',), name='ledger_reservation_closed_once'), models.UniqueConstraint(condition=models.Q(('corrects__isnull', False)), fields=('corrects',), name='ledger_corrected_once')],
                    },
                ),
                migrations.CreateModel(
                    name='CoSignature',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cosignatures', to='ledger.checkpoint')),
                        ('name', models.CharField(max_length=120)),
                        ('public_key', models.CharField(max_length=60)),
                        ('line', models.CharField(max_length=300)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('checkpoint', 'public_key'), name='ledger_cosigned_once_per_key')],
                    },
                ),
                migrations.CreateModel(
                    name='Entry',
                    fields=[
                        ('pk', models.CompositePrimaryKey('movement_id', 'leg', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('movement', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.movement')),
                        ('leg', models.SmallIntegerField()),
                        ('legs', models.SmallIntegerField()),
                        ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.account')),
                        ('amount', models.BigIntegerField()),
                        ('hold', models.BigIntegerField()),
                        ('previous', models.BigIntegerField()),
                        ('balance', models.BigIntegerField()),
                        ('held', models.BigIntegerField()),
                        ('version', models.BigIntegerField()),
                    ],
                    options={
                        'verbose_name_plural': 'entries',
                        'constraints': [models.UniqueConstraint(fields=('account', 'version'), name='ledger_entries_are_counted'), models.CheckConstraint(condition=models.Q(('leg__gte', 1), ('leg__lte', models.F('legs'))), name='ledger_no_leg_more_than_stated'), models.CheckConstraint(condition=models.Q(('balance', django.db.models.expressions.CombinedExpression(models.F('previous'), '+', models.F('amount')))), name='ledger_balance_follows')],
                    },
                ),
                migrations.CreateModel(
                    name='Leaf',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('book', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leaves', to='ledger.book')),
                        ('number', models.BigIntegerField()),
                        ('movement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='leaf', to='ledger.movement')),
                        ('body', models.JSONField()),
                        ('salt', models.CharField(max_length=64)),
                        ('hash', models.BinaryField()),
                    ],
                    options={
                        'verbose_name_plural': 'leaves',
                        'constraints': [models.UniqueConstraint(fields=('book', 'number'), name='ledger_leaves_are_counted')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='book',
                    trigger=pgtrigger.compiler.Trigger(name='books_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f5c4d00e05f8bd6c02fffe2c6dd92b0cc1cee036', operation='UPDATE OR DELETE', pgid='pgtrigger_books_stay_d742a', table='ledger_book', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='cosigner',
                    trigger=pgtrigger.compiler.Trigger(name='cosigners_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7472961c679ffb117f7f15378a4fa6b81811b3f1', operation='DELETE', pgid='pgtrigger_cosigners_stay_54657', table='ledger_cosigner', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='cosigner',
                    trigger=pgtrigger.compiler.Trigger(name='cosigners_keep_their_key', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."public_key" IS DISTINCT FROM (NEW."public_key") OR OLD."at" IS DISTINCT FROM (NEW."at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='4894a802a6e4971d0249ff6c033f9532054dcbe6', operation='UPDATE', pgid='pgtrigger_cosigners_keep_their_key_b592c', table='ledger_cosigner', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='checkpoint',
                    trigger=pgtrigger.compiler.Trigger(name='checkpoints_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='623737ae550b9793f62cfc3cc7174566ba896b7e', operation='UPDATE OR DELETE', pgid='pgtrigger_checkpoints_stay_70dc7', table='ledger_checkpoint', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='movement',
                    trigger=pgtrigger.compiler.Trigger(name='movements_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0e10ecb282784974ab6af14e496daea026a917aa', operation='UPDATE OR DELETE', pgid='pgtrigger_movements_stay_0c8dc', table='ledger_movement', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='cosignature',
                    trigger=pgtrigger.compiler.Trigger(name='cosignatures_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7a4238aca683d2aacd2f29f90da0a95927eec5eb', operation='UPDATE OR DELETE', pgid='pgtrigger_cosignatures_stay_f36e9', table='ledger_cosignature', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='entry',
                    trigger=pgtrigger.compiler.Trigger(name='entries_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0cf755c02fb1e70bd4332c67161e2e3195d0883c', operation='UPDATE OR DELETE', pgid='pgtrigger_entries_stay_c18a5', table='ledger_entry', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='leaf',
                    trigger=pgtrigger.compiler.Trigger(name='leaves_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='536101eb4a641d61ea7b58a01c29a0ae7576fa1e', operation='UPDATE OR DELETE', pgid='pgtrigger_leaves_stay_89e81', table='ledger_leaf', when='BEFORE')),
                ),
            ],
        ),
    ]
