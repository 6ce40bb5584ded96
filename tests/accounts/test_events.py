import ast
from pathlib import Path

from django.conf import settings

from accounts.events import ACTIONS, EVENTS, event_label

APPS = ("accounts", "areas", "volunteers", "grids", "services")
# Told by signal receivers (accounts.signals) and not by a domain function.
SIGNALLED = {"sign_in", "sign_in_failed", "lock_out", "sign_out"}


def events_in_the_code():
    """Find every function decorated with @event in the applications' source."""
    for app in APPS:
        for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                decorators = getattr(node, "decorator_list", [])
                if any(isinstance(each, ast.Name) and each.id == "event" for each in decorators):
                    yield node.name


def test_every_event_has_a_label_and_every_label_an_event():
    assert sorted(set(events_in_the_code()) | SIGNALLED) == sorted(EVENTS)


def test_event_label_falls_back_to_the_stored_name_or_to_what_was_done():
    assert event_label("an_old_event", 1) == "an_old_event"
    assert [event_label("", action) for action in range(4)] == [str(label) for label in ACTIONS]
