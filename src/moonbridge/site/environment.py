"""What the settings read from outside: environment variables, and secrets that a demo generates for itself."""

import base64
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from moonbridge.site import embedded

PRODUCTION, DEMO, TEST = "production", "demo", "test"


def text(name: str, default: str | None = None) -> str:
    """Return the environment variable ``name``; without a default it must be set."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(
            f"The environment variable {name} is not set; the README's section on deployment says how."
        )
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """Return whether ``name`` is set to 1, true, yes or on."""
    return os.environ.get(name, "1" if default else "0").casefold() in {"1", "true", "yes", "on"}


def items(name: str, default: str = "") -> list[str]:
    """Return the comma-separated parts of ``name``."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def mode() -> str:
    """Return the mode the site runs in: production unless said otherwise, so that a forgotten setting never opens it."""
    chosen = os.environ.get("MOONBRIDGE_MODE", PRODUCTION)
    if chosen not in {PRODUCTION, DEMO, TEST}:
        raise ImproperlyConfigured(f"MOONBRIDGE_MODE is {chosen!r}; use production, demo or test.")
    return chosen


def secret(name: str, *, state: Path) -> str:
    """Return the secret ``name``: from the environment, or (never in production) made once and kept in the state folder."""
    if name in os.environ or mode() == PRODUCTION:
        return text(name)
    if mode() == TEST:
        return base64.b64encode(name.encode().ljust(32, b".")[:32]).decode()
    kept = state / "secrets" / name.casefold()
    if not kept.exists():
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(base64.b64encode(secrets.token_bytes(32)).decode(), encoding="ascii")
        try:
            os.link(fresh, kept)  # of two processes that start together the first wins, whole or not at all
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return kept.read_text(encoding="ascii")


def database_url() -> str:
    """Return where the database is: DATABASE_URL, else the embedded server's address (which starts nothing)."""
    return os.environ.get("DATABASE_URL") or embedded.database_url()


def start_database() -> None:
    """Start the embedded server and keep it while this process lives, unless DATABASE_URL names another."""
    if not os.environ.get("DATABASE_URL"):
        embedded.ensure_running()


def database(url: str) -> dict[str, Any]:
    """Return Django's database entry for a ``postgresql://`` URL."""
    parts = conninfo_to_dict(url)
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    entry: dict[str, Any] = {
        django: str(parts.pop(libpq)) for libpq, django in known.items() if parts.get(libpq) is not None
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        **entry,
        "OPTIONS": {key: value for key, value in parts.items() if value},
    }


def storages(media: Path, *, hashed: bool) -> dict[str, Any]:
    """Return Django's storages: files in the state folder, or in object storage when MOONBRIDGE_BUCKET names one."""
    files: dict[str, Any] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(media), "base_url": None},
    }
    if bucket := os.environ.get("MOONBRIDGE_BUCKET"):
        options = {"bucket_name": bucket, "default_acl": "private", "querystring_auth": True, "file_overwrite": False}
        if endpoint := os.environ.get("MOONBRIDGE_BUCKET_ENDPOINT"):
            options["endpoint_url"] = endpoint
        files = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    static = (
        "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if hashed
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    return {"default": files, "staticfiles": {"BACKEND": static}}


def mailers(state: Path) -> dict[str, Any]:
    """Return Django's mailers: SMTP by MOONBRIDGE_SMTP (``smtps://user:password@host:port``); a demo writes its mail to files."""
    if mode() == TEST:
        return {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    if mode() == DEMO and "MOONBRIDGE_SMTP" not in os.environ:
        return {
            "default": {
                "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
                "OPTIONS": {"file_path": str(state / "mail")},
            }
        }
    url = urlsplit(text("MOONBRIDGE_SMTP"))
    options = {
        "host": url.hostname or "localhost",
        "port": url.port or (465 if url.scheme == "smtps" else 587),
        "username": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "use_ssl": url.scheme == "smtps",
        "use_tls": url.scheme == "smtp" and bool(url.username),
        "timeout": 20,
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def sign_in_providers() -> dict[str, Any]:
    """Return allauth's providers: ORCID and one OpenID Connect provider, each switched on by its client id."""
    providers: dict[str, Any] = {}
    if client := os.environ.get("MOONBRIDGE_ORCID_CLIENT"):
        providers["orcid"] = {"APPS": [{"client_id": client, "secret": text("MOONBRIDGE_ORCID_SECRET")}]}
    if client := os.environ.get("MOONBRIDGE_OIDC_CLIENT"):
        app = {
            "provider_id": "agency",
            "name": text("MOONBRIDGE_OIDC_NAME", "Agency account"),
            "client_id": client,
            "secret": text("MOONBRIDGE_OIDC_SECRET"),
            "settings": {"server_url": text("MOONBRIDGE_OIDC_SERVER")},
        }
        providers["openid_connect"] = {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    return providers
