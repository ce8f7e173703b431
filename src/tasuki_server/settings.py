# SPDX-License-Identifier: Apache-2.0
"""設定 — Django settings; everything an installation may change comes from TASUKI_* variables (settings_table.py)."""

from __future__ import annotations

from pathlib import Path

from tasuki_server.database.django_settings import databases
from tasuki_server.database.places import data_folder, installation_secrets
from tasuki_server.settings_table import chosen, flag, listed, number, text

HERE = Path(__file__).resolve().parent

SECRET_KEY = installation_secrets().derived("django").hex()
DEBUG = False
ALLOWED_HOSTS = listed("TASUKI_HOSTS")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if flag("TASUKI_HTTPS")]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "tasuki_server.accounts",
    "tasuki_server.institutions",
    "tasuki_server.audit",
    "tasuki_server.patients",
    "tasuki_server.reception",
    "tasuki_server.chart",
    "tasuki_server.orders",
    "tasuki_server.billing",
    "tasuki_server.documents",
    "tasuki_server.claims",
    "tasuki_server.receiving",
    "tasuki_server.platform",
    "tasuki_server.confirmation",
    "tasuki_server.eligibility",
    "tasuki_server.prescriptions",
    "tasuki_server.exchange",
    "tasuki_server.records",
    "tasuki_server.portal",
    "tasuki_server.eprescribing",
    "tasuki_server.sharing",
    "tasuki_server.notifications",
    "tasuki_server.pharmacy",
    "tasuki_server.api",
    "tasuki_server.providers",
    "tasuki_server.impact",
    "tasuki_server.privacy",
    "tasuki_server.maintenance",
    "tasuki_server.continuity",
    "tasuki_server.watch",
    "tasuki_server.office",
    "tasuki_server.keys",
    "tasuki_server.operations",
    "tasuki_server.recovery",
]

MIDDLEWARE = [
    "tasuki_server.operations.request_log.RequestLog",
    "tasuki_server.shell.content_policy.ContentPolicy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tasuki_server.portal.door.PortalDoor",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tasuki_server.institutions.origin.RequestOrigin",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tasuki_server.accounts.second_factor.SecondFactor",
    "tasuki_server.institutions.middleware.InstitutionTransaction",
    "tasuki_server.maintenance.gate.MaintenanceGate",
    "tasuki_server.continuity.emergency_account_gate.EmergencyAccountGate",
    "tasuki_server.watch.read_only.ReadOnlyMode",
    "tasuki_server.accounts.permission_gate.PermissionGate",
    "tasuki_server.keys.middleware.BrokenSeals",
]

ROOT_URLCONF = "tasuki_server.urls"
WSGI_APPLICATION = "tasuki_server.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tasuki_server.shell.context.shell",
            ],
        },
    }
]

DATABASES = databases()
DATABASE_ROUTERS = ["tasuki_server.database.router.RoleRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "signin_cache"}}

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
# The wheels and this folder are the only sources; they are served where they lie, so nothing has to be collected.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
# Nobody else's page has a reason to read our files.
WHITENOISE_ALLOW_ALL_ORIGINS = False

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 13},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "tasuki_server.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {
    # Guessing is slowed in accounts/back_off.py, which knows the browsers of a house; these are the outer bounds.
    "login": "300/m/ip",
    "login_failed": "60/300s/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
MFA_ADAPTER = "tasuki_server.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Tasuki"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "tasuki_server.accounts.code_forms.OneTimeCodeForm",
    "reauthenticate": "tasuki_server.accounts.code_forms.OneTimeCodeAgainForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TRUST_ENABLED = False
MFA_RECOVERY_CODES_SHOW_ONCE = True

SESSION_ENGINE = "tasuki_server.database.hashed_sessions"
SESSION_COOKIE_AGE = number("TASUKI_SESSION_HOURS") * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("TASUKI_HTTPS")
SESSION_COOKIE_NAME = "__Host-tasuki" if flag("TASUKI_HTTPS") else "tasuki"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tasuki_server.shell.errors.csrf_failed"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("TASUKI_BEHIND_PROXY") else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if flag("TASUKI_BEHIND_PROXY") else 0
SECURE_SSL_REDIRECT = flag("TASUKI_HTTPS")
SECURE_HSTS_SECONDS = 31_536_000 if flag("TASUKI_HTTPS") else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

TASUKI_IDLE_MINUTES = number("TASUKI_IDLE_MINUTES")
TASUKI_STEP_UP_MINUTES = number("TASUKI_STEP_UP_MINUTES")
TASUKI_NETWORK_CHANGE = chosen("TASUKI_NETWORK_CHANGE", "ask", "end")
TASUKI_LOG_FOLDER = text("TASUKI_LOG_FOLDER") or str(data_folder() / "log")
TASUKI_LOG_FORM = chosen("TASUKI_LOG_FORM", "text", "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "tasuki_server.shell.log_lines.SafeLine"},
        "json": {"()": "tasuki_server.operations.request_log.JsonLine"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": TASUKI_LOG_FORM}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # A line for each request is for a machine to read.
        "tasuki.access": {"level": "INFO" if TASUKI_LOG_FORM == "json" else "WARNING"},
    },
}
