"""Django's settings. Everything that differs between machines comes from the environment; docs/deploy lists it all."""

from pathlib import Path

from django.utils.csp import CSP

from moonbridge.site import embedded, environment

MODE = environment.mode()
DEMO = environment.DEMO == MODE
PRODUCTION = environment.PRODUCTION == MODE
DEBUG = False
HERE = Path(__file__).parent
STATE = embedded.state_folder()

SECRET_KEY = environment.secret("MOONBRIDGE_SECRET_KEY", state=STATE)
SIGNING_KEY = environment.secret("MOONBRIDGE_SIGNING_KEY", state=STATE)
"""Base64 of the 32-byte Ed25519 seed with which records, receipts and certificates are signed."""

ALLOWED_HOSTS = environment.items("MOONBRIDGE_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = environment.items("MOONBRIDGE_ORIGINS")
BASE_URL = environment.text("MOONBRIDGE_BASE_URL", "http://localhost:8000" if not PRODUCTION else None)
"""Where visitors reach the site; used in mails, feeds and receipts."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",  # for allauth's page of security keys
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.orcid",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "rules.apps.AutodiscoverRulesConfig",
    "moonbridge.accounts",
    "moonbridge.record",
    "moonbridge.ledger",
    "moonbridge.cooperation.programmes",
    "moonbridge.cooperation.sites",
    "moonbridge.cooperation.opportunities",
    "moonbridge.cooperation.proposals",
    "moonbridge.cooperation.review",
    "moonbridge.cooperation.selection",
    "moonbridge.cooperation.samples",
    "moonbridge.portal",
    "moonbridge.api",
    "moonbridge.site",
]

MIDDLEWARE = [
    "moonbridge.portal.pages.PublicPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "moonbridge.accounts.throttle.ThrottleMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "moonbridge.site.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "moonbridge.site.urls"
WSGI_APPLICATION = "moonbridge.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "moonbridge.site.context.site",
            ],
        },
    }
]

DATABASES = {
    "default": environment.database(environment.database_url()) | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = [
    "auth.W004"
]  # addresses are unique in any letter case, by a constraint that the check cannot read
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "desk"
LOGIN_URL = "account_login"

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_RATE_LIMITS = {"opportunity_follow": "10/h/ip", "opportunity_ask": "20/h/user"}
"""Beside allauth's own limits, which stay as they are."""
ACCOUNT_ADAPTER = "moonbridge.accounts.adapter.Adapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Moonbridge: "
ACCOUNT_USER_DISPLAY = "moonbridge.accounts.adapter.address"
ACCOUNT_FORMS = {"signup": "moonbridge.accounts.forms.SignupForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
SOCIALACCOUNT_PROVIDERS = environment.sign_in_providers()
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False

THROTTLE_FACTOR = 1 if PRODUCTION else 1000
"""Demonstrations and tests come from one address; there the allowances are a thousand times wider."""

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if environment.TEST == MODE:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = STATE / "static"
STATICFILES_DIRS = [HERE / "static"]
MEDIA_ROOT = STATE / "files"
"""Uploaded files. Nothing serves this folder: a view hands out each file after asking who may see it."""
STORAGES = environment.storages(MEDIA_ROOT, hashed=environment.TEST != MODE)
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 86_400
SECURE_SSL_REDIRECT = PRODUCTION and environment.flag("MOONBRIDGE_TLS_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("MOONBRIDGE_BEHIND_PROXY") else None
SECURE_HSTS_SECONDS = 365 * 86_400 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}

MAILERS = environment.mailers(STATE)
DEFAULT_FROM_EMAIL = environment.text(
    "MOONBRIDGE_MAIL_FROM", "Moonbridge <moonbridge@localhost>" if not PRODUCTION else None
)

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}
"""In the database, so that rate limits hold across workers."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.text("MOONBRIDGE_LOG_LEVEL", "WARNING")},
}
