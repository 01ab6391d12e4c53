import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import moonbridge.schema
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_allowance_token'),
        ('accounts', '0004_seats_are_no_roles'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        moonbridge.schema.Together(
            operations=[
                migrations.CreateModel(
                    name='Allowance',
                    fields=[
                        ('key', models.CharField(max_length=140, primary_key=True, serialize=False)),
                        ('until', models.DateTimeField()),
                        ('used', models.PositiveIntegerField()),
                    ],
                ),
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                        ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('institution', models.CharField(blank=True, max_length=200, verbose_name='institution')),
                        ('country', models.CharField(blank=True, help_text='ISO 3166 code', max_length=2, verbose_name='country')),
                        ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                        ('joined_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_account_per_address')],
                    },
                ),
                migrations.CreateModel(
                    name='Role',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to=settings.AUTH_USER_MODEL)),
                        ('kind', models.CharField(choices=[('office', 'programme office'), ('curator', 'curator'), ('auditor', 'auditor'), ('reviewer', 'reviewer')], max_length=12)),
                        ('scope', models.CharField(choices=[('agency', 'agency'), ('opportunity', 'opportunity')], max_length=12)),
                        ('scope_id', models.UUIDField()),
                        ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('granted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['scope', 'scope_id', 'kind'], name='role_by_scope')],
                        'constraints': [models.UniqueConstraint(fields=('user', 'kind', 'scope', 'scope_id'), name='one_role_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['office', 'curator', 'auditor', 'reviewer'])), name='role_kind_known'), models.CheckConstraint(condition=models.Q(('scope__in', ['agency', 'opportunity'])), name='role_scope_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Token',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to=settings.AUTH_USER_MODEL)),
                        ('name', models.CharField(max_length=80, verbose_name='what it is for')),
                        ('sha256', models.CharField(max_length=64, unique=True)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('expires_at', models.DateTimeField()),
                        ('revoked_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'ordering': ('-created_at',),
                    },
                ),
                migrations.CreateModel(
                    name='UserEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                        ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                        ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('institution', models.CharField(blank=True, max_length=200, verbose_name='institution')),
                        ('country', models.CharField(blank=True, help_text='ISO 3166 code', max_length=2, verbose_name='country')),
                        ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                        ('joined_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='RoleEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='accounts.role')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('kind', models.CharField(choices=[('office', 'programme office'), ('curator', 'curator'), ('auditor', 'auditor'), ('reviewer', 'reviewer')], max_length=12)),
                        ('scope', models.CharField(choices=[('agency', 'agency'), ('opportunity', 'opportunity')], max_length=12)),
                        ('scope_id', models.UUIDField()),
                        ('granted_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('granted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='user',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_userevent" ("country", "email", "id", "institution", "is_active", "is_superuser", "joined_at", "language", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."country", NEW."email", NEW."id", NEW."institution", NEW."is_active", NEW."is_superuser", NEW."joined_at", NEW."language", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='7b89b515e14f346cac768b65209ab617499f4b00', operation='INSERT', pgid='pgtrigger_insert_insert_3867c', table='accounts_user', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='user',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."institution" IS DISTINCT FROM (NEW."institution") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."joined_at" IS DISTINCT FROM (NEW."joined_at") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."name" IS DISTINCT FROM (NEW."name"))', func='INSERT INTO "accounts_userevent" ("country", "email", "id", "institution", "is_active", "is_superuser", "joined_at", "language", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."country", NEW."email", NEW."id", NEW."institution", NEW."is_active", NEW."is_superuser", NEW."joined_at", NEW."language", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='81d5a494b1269080a669f980d6114361f68fa664', operation='UPDATE', pgid='pgtrigger_update_update_0e890', table='accounts_user', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='role',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_roleevent" ("granted_at", "granted_by_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scope", "scope_id", "user_id") VALUES (NEW."granted_at", NEW."granted_by_id", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."scope", NEW."scope_id", NEW."user_id"); RETURN NULL;', hash='9c2f71f40f07041cac3be752ed9ca84d789d936a', operation='INSERT', pgid='pgtrigger_insert_insert_d9a3a', table='accounts_role', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='role',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "accounts_roleevent" ("granted_at", "granted_by_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scope", "scope_id", "user_id") VALUES (NEW."granted_at", NEW."granted_by_id", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."scope", NEW."scope_id", NEW."user_id"); RETURN NULL;', hash='79581e0f6b519078ae993a997c124929657e1f83', operation='UPDATE', pgid='pgtrigger_update_update_023a0', table='accounts_role', when='AFTER')),
                ),
            ],
        ),
    ]
