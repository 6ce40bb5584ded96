"""Serve the pages of tests/common/urls.py with their templates."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _pages_of_the_tests(settings):
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], Path(__file__).parent / "templates"]}]
    settings.ROOT_URLCONF = "tests.common.urls"
