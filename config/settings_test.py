"""The settings of the tests: the real ones, faster, without TLS, and strict about queries in loops.

``TEST_DATABASE_URL`` (or ``DATABASE_URL``) names the PostgreSQL server to test on; without it, SQLite in memory.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ["DEBUG"] = "False"
os.environ["HTTPS"] = "False"
os.environ["SECRET_KEY"] = "for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"  # noqa: S105
os.environ["ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
os.environ["PROXY_COUNT"] = "0"
os.environ["DATABASE_URL"] = (
    os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL") or "sqlite://:memory:"
)

from config.settings import *  # noqa: F403
from config.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE, STORAGES

LANGUAGE_CODE = "en"  # the tests read the messages as the code has them
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
DATABASES["default"]["CONN_MAX_AGE"] = 0
PHOTO_ROOT = Path(tempfile.mkdtemp(prefix="yiwang-photos-"))
atexit.register(shutil.rmtree, PHOTO_ROOT, ignore_errors=True)
PRINT_ROOT = Path(tempfile.mkdtemp(prefix="yiwang-prints-"))
atexit.register(shutil.rmtree, PRINT_ROOT, ignore_errors=True)

INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
ZEAL_RAISE = True
ZEAL_ALLOWLIST = [
    {"model": "sessions.Session"},  # Django looks a stale session up twice when it ends it
    {"model": "grids.Team", "field": "get()"},  # a volunteer's team is locked first, and again to follow the change
]

TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}  # on commit, at once
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"handlers": [], "level": "WARNING"}}
