"""The settings refuse what would be insecure, and say how to put it right."""

import os
import subprocess
import sys

import pytest

KEY = "a-key-for-this-test-only-0123456789-abcdefghijklmnopqrstuvwxyz"
SAFE = {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "yiwang.example.org", "DATABASE_URL": "sqlite://:memory:"}


def start(expression: str = "", **environment: str) -> subprocess.CompletedProcess:
    """Load the settings in a process of its own; what the caller's environment or ``.env`` says does not count."""
    unset = {"DEBUG": "", "SECRET_KEY": "", "ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "True", "PROXY_COUNT": "0"}
    code = f"from config import settings; print({expression or None})"
    return subprocess.run(
        [sys.executable, "-c", code], env=os.environ | unset | environment, capture_output=True, text=True, check=False
    )


def test_production_is_the_default_and_secure():
    started = start(
        "settings.DEBUG, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT,"
        " settings.SECURE_HSTS_SECONDS > 0",
        **SAFE,
    )

    assert started.stdout.strip() == "False True True True True"


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        (SAFE | {"SECRET_KEY": ""}, "SECRET_KEY"),
        (SAFE | {"SECRET_KEY": "short"}, "SECRET_KEY"),
        (SAFE | {"SECRET_KEY": "a" * 60}, "SECRET_KEY"),
        (SAFE | {"SECRET_KEY": f"django-insecure-{KEY}"}, "SECRET_KEY"),
        (SAFE | {"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        (SAFE | {"DEBUG": "True"}, "DEBUG"),
        (SAFE | {"DEBUG": "True", "ALLOWED_HOSTS": "127.0.0.1", "PROXY_COUNT": "1"}, "DEBUG"),
    ],
)
def test_insecure_production_does_not_start(environment, says):
    started = start(**environment)

    assert started.returncode == 1
    assert "ImproperlyConfigured" in started.stderr
    assert says in started.stderr.rpartition("ImproperlyConfigured")[2]


@pytest.mark.parametrize("days", ["29", "3651", "-1", "for ever"])
def test_residents_data_are_kept_for_a_number_of_days(days):
    started = start(**SAFE, RESIDENT_DATA_KEPT_DAYS=days)

    assert started.returncode == 1
    assert "RESIDENT_DATA_KEPT_DAYS" in started.stderr


def test_debug_serves_this_machine():
    assert start("settings.DEBUG", DEBUG="True", ALLOWED_HOSTS="127.0.0.1,localhost").stdout.strip() == "True"
