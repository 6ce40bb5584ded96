"""Settings, all read from the environment (or ``.env``): safe by default, insecure only when asked to be.

Every variable is described in docs/operations.md.
"""

from datetime import timedelta
from importlib.metadata import distribution
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- Safety -------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="development-only" if DEBUG else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# False only where no TLS is spoken at all, for instance ``make run`` on one's own machine.
HTTPS = env.bool("HTTPS", default=not DEBUG)
# How many reverse proxies of ours stand in front; X-Forwarded-* headers are believed only of them.
PROXY_COUNT = env.int("PROXY_COUNT", default=0)

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}

if DEBUG:
    if PROXY_COUNT or not LOOPBACK.issuperset(ALLOWED_HOSTS):
        raise ImproperlyConfigured(
            "DEBUG shows the code and its data to whoever meets an error: it serves this machine only. Unset DEBUG, "
            "or leave ALLOWED_HOSTS to 127.0.0.1 and localhost and PROXY_COUNT to 0."
        )
else:
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            "Set SECRET_KEY in the environment or in .env to at least 50 random characters; "
            "`python -c 'import secrets; print(secrets.token_urlsafe(50))'` prints some."
        )
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that are served; '*' is refused.")

# --- What the project is made of ------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.YiwangAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_filters",
    "django_htmx",
    "lucide",
    "csp",
    "axes",
    "auditlog",
    "django_tasks",
    "django_tasks_db",
    "common",
    "areas",
    "accounts",
    "volunteers",
    "grids",
    "services",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "common.middleware.NulMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "common.middleware.JsonAnswerMiddleware",
    "common.middleware.DatabaseAwayMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.SessionLifetimeMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    "accounts.middleware.MustChangePasswordMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.AuditMiddleware",
    "common.middleware.WrongMethodMiddleware",
    "common.middleware.PersonalPageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.navigation",
            ],
        },
    },
]
FORM_RENDERER = "common.forms.YiwangFormRenderer"

# --- Database ---------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'yiwang.sqlite3'}")}
database = DATABASES["default"]
database["ATOMIC_REQUESTS"] = False
if database["ENGINE"] == "django.db.backends.sqlite3":
    # Immediate transactions take the write lock at once: with Django's default, concurrent
    # writers that first read fail with "database is locked" whatever the timeout.
    database["CONN_MAX_AGE"] = None
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The last: a migration that makes a table anew must not trip over the triggers of other tables that name it.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        " PRAGMA legacy_alter_table=ON;",
    }
else:
    database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
    database["CONN_HEALTH_CHECKS"] = True
    database.setdefault("OPTIONS", {})["options"] = "-c lock_timeout=3000"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Sign-in and sessions ---------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = reverse_lazy("accounts:sign_in")
LOGIN_REDIRECT_URL = reverse_lazy("home")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Seconds a session may lie idle, and live in all, by kind of user (accounts.middleware).
OFFICE_SESSION = (60 * 60, 12 * 60 * 60)
LEADER_SESSION = (7 * 24 * 60 * 60, 7 * 24 * 60 * 60)

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "accounts.views.session.locked_out"
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_address"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # accounts.admin shows the attempts and lifts a lock-out
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "next", "kept"]
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # locking by user name alone is deliberate: offices share one address

AUDITLOG_LOGENTRY_MODEL = "accounts.AuditEntry"
AUDITLOG_STORE_JSON_CHANGES = True
AUDITLOG_MASK_CALLABLE = "accounts.audit.masked"
MIGRATION_MODULES = {"auditlog": None}  # its own table is not made: AuditEntry stands in its place

# --- Work in the background (common.jobs) ---------------------------------------------------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

# --- Texts to phones (common.gateway) -------------------------------------------------------------------

# Nothing for none, console, file, or the dotted path of a class of one's own; checked when the application starts.
MESSAGE_GATEWAY = env("MESSAGE_GATEWAY", default="")
MESSAGE_FILE = env("MESSAGE_FILE", default=str(VAR_DIR / "messages.jsonl"))
# Whether residents get the code of their request as well, where they left a mobile number.
MESSAGE_RESIDENTS = env.bool("MESSAGE_RESIDENTS", default=False)

# --- E-mail (reminders only) --------------------------------------------------------------------------

# smtp+tls://user:password@host:587; on the console while developing; none is sent until it is set.
SENDS_EMAIL = DEBUG or bool(env("EMAIL_URL", default=""))
globals().update(env.email("EMAIL_URL", default="consolemail://" if DEBUG else "dummymail://"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", default="yiwang@localhost")
# Where the links of e-mails lead.
SITE_URL = env("SITE_URL", default=f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0]}").rstrip("/")

# --- Language and time --------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["common.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- Static files -------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# bootstrap-wrapper ships the released files; it is data, not a module to import.
BOOTSTRAP_DIR = Path(str(distribution("bootstrap-wrapper").locate_file("bootstrap")))
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap/css", BOOTSTRAP_DIR / "css"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Photos -------------------------------------------------------------------------------------------

# Outside of everything that a web server hands out: the application alone gives them, to those who see the log.
PHOTO_ROOT = Path(env("PHOTO_ROOT", default=str(VAR_DIR / "photos")))
PHOTO_MAX_BYTES = env.int("PHOTO_MAX_BYTES", default=10_000_000)
PHOTO_MAX_PIXELS = env.int("PHOTO_MAX_PIXELS", default=40_000_000)
DATA_UPLOAD_MAX_NUMBER_FILES = 50

# --- Papers -------------------------------------------------------------------------------------------

# A directory with further fonts for PDFs, for characters that the packaged Noto Sans and Serif SC lack.
PDF_FONT_DIR = env("PDF_FONT_DIR", default="")
if PDF_FONT_DIR and not Path(PDF_FONT_DIR).is_dir():
    raise ImproperlyConfigured(f"PDF_FONT_DIR is no directory: {PDF_FONT_DIR}. Make it, or unset PDF_FONT_DIR.")

# --- Headers --------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # blob: are pictures that the page itself has made: the photos that somebody has chosen, before they are sent.
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],  # the service worker, /sw.js
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_FAILURE_VIEW = "accounts.views.session.csrf_failed"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- Logs -----------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django": {"handlers": ["console"], "level": "INFO", "propagate": False}},
}

# --- The programme's rules (docs/domain: what each comes from) ---------------------------------------------

TEAM_MIN_MEMBERS = 3
TEAM_MAX_MEMBERS = 10
TEAM_MIN_SKILL_TYPES = env.int("TEAM_MIN_SKILL_TYPES", default=3)
LATE_ENTRY_DAYS = 14
# After how many days of waiting for the resident a request is shown as one that waits for too long.
REQUEST_WAITING_DAYS = env.int("REQUEST_WAITING_DAYS", default=3)
if not 1 <= REQUEST_WAITING_DAYS <= 60:
    raise ImproperlyConfigured("REQUEST_WAITING_DAYS is a number of days, 1 to 60.")
# Which duties the townships have unless one of them has it otherwise (grids/townships/…/settings/).
USES_LOGS = env.bool("USES_LOGS", default=True)
USES_BADGES = env.bool("USES_BADGES", default=True)
USES_CARDS = env.bool("USES_CARDS", default=True)
USES_VISIT_PLANS = env.bool("USES_VISIT_PLANS", default=True)
# How many days before it runs out a qualification is shown as one to renew.
QUALIFICATION_WARN_DAYS = env.int("QUALIFICATION_WARN_DAYS", default=60)
if not 1 <= QUALIFICATION_WARN_DAYS <= 366:
    raise ImproperlyConfigured("QUALIFICATION_WARN_DAYS is a number of days, 1 to 366.")
# Spreadsheets of logs: megabytes as they come and unpacked, rows of a file, rows taken in at a time.
IMPORT_MAX_MEGABYTES = env.int("IMPORT_MAX_MEGABYTES", default=5)
IMPORT_MAX_UNPACKED_MEGABYTES = env.int("IMPORT_MAX_UNPACKED_MEGABYTES", default=100)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=2000)
IMPORT_BATCH = env.int("IMPORT_BATCH", default=100)
# The same of lists of volunteers, which are larger; what a file held is forgotten after so many days.
IMPORT_VOLUNTEERS_MAX_MEGABYTES = env.int("IMPORT_VOLUNTEERS_MAX_MEGABYTES", default=5)
IMPORT_VOLUNTEERS_MAX_UNPACKED_MEGABYTES = env.int("IMPORT_VOLUNTEERS_MAX_UNPACKED_MEGABYTES", default=100)
IMPORT_VOLUNTEERS_MAX_ROWS = env.int("IMPORT_VOLUNTEERS_MAX_ROWS", default=50_000)
IMPORT_VOLUNTEERS_KEPT_DAYS = env.int("IMPORT_VOLUNTEERS_KEPT_DAYS", default=14)
# What the numbers of service record certificates begin with: 乐义证〔2026〕000123.
CERTIFICATE_PREFIX = env("CERTIFICATE_PREFIX", default="乐义证")
if not 1 <= len(CERTIFICATE_PREFIX) <= 20:
    raise ImproperlyConfigured("CERTIFICATE_PREFIX has 1 to 20 characters.")
# How many working days a read month is shown to everybody (公示), the day of opening not counted.
NOTICE_WORKING_DAYS = env.int("NOTICE_WORKING_DAYS", default=5)
if not 1 <= NOTICE_WORKING_DAYS <= 60:
    raise ImproperlyConfigured("NOTICE_WORKING_DAYS is a number of working days, 1 to 60.")
# Within how many working days a resident's words about a volunteer are answered, the day of their coming not counted.
FEEDBACK_WORKING_DAYS = env.int("FEEDBACK_WORKING_DAYS", default=5)
if not 1 <= FEEDBACK_WORKING_DAYS <= 60:
    raise ImproperlyConfigured("FEEDBACK_WORKING_DAYS is a number of working days, 1 to 60.")
# For how many days after a request was settled what is personal of it is kept; then nightly deletes it.
RESIDENT_DATA_KEPT_DAYS = env.int("RESIDENT_DATA_KEPT_DAYS", default=730)
if not 30 <= RESIDENT_DATA_KEPT_DAYS <= 3650:
    raise ImproperlyConfigured(
        "RESIDENT_DATA_KEPT_DAYS is a number of days, 30 to 3650: a settled request can still be reopened and rated, "
        "and residents' data are not kept for ever."
    )
SILENT_AFTER_DAYS = env.int("SILENT_AFTER_DAYS", default=30)
# A month is handed in by this day of the following one, and reviewed by the other: who is late is shown, not refused.
SUBMIT_BY_DAY = env.int("SUBMIT_BY_DAY", default=5)
REVIEW_BY_DAY = env.int("REVIEW_BY_DAY", default=10)
if not 1 <= SUBMIT_BY_DAY <= REVIEW_BY_DAY <= 28:
    raise ImproperlyConfigured(
        "SUBMIT_BY_DAY and REVIEW_BY_DAY are days of the next month, 1 to 28: a month is submitted before it is read."
    )
# Resident ID numbers are off unless a key to encrypt them with is given (32 url-safe base64 bytes).
ID_NUMBER_KEY = env("ID_NUMBER_KEY", default="")
# Badges: the keys that their codes follow from (the first makes new ones, the others keep old ones good), how many
# years they are valid beyond the one they are issued in, and when they are said to expire soon.
BADGE_KEYS = env.list("BADGE_KEYS", default=[SECRET_KEY])
BADGE_YEARS = env.int("BADGE_YEARS", default=3)
if not BADGE_KEYS or not 0 <= BADGE_YEARS <= 20:
    raise ImproperlyConfigured("BADGE_KEYS needs at least one key, and BADGE_YEARS is a number of years, 0 to 20.")
BADGE_EXPIRES_SOON = timedelta(days=60)
# Where the PDFs of badges wait for some days to be fetched.
PRINT_ROOT = Path(env("PRINT_ROOT", default=str(VAR_DIR / "prints")))
