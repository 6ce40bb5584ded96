"""The gateway to phones: which one the setting names, and that a wrong name stops the start."""

import json

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from common.gateway import gateway


class Working:
    """A gateway of one's own."""

    def send(self, phone, text):
        """Take it."""


class WithoutSend:
    """None at all."""


def test_nothing_and_none_are_no_gateway(settings):
    for name in ("", "none"):
        settings.MESSAGE_GATEWAY = name
        assert gateway() is None


def test_the_console_prints_and_the_file_keeps_a_line_for_each(settings, tmp_path, capsys):
    settings.MESSAGE_GATEWAY = "console"
    gateway().send("13800001234", "一条求助")
    assert capsys.readouterr().out == "13800001234: 一条求助\n"

    settings.MESSAGE_GATEWAY, settings.MESSAGE_FILE = "file", str(tmp_path / "new" / "messages.jsonl")
    gateway().send("13800001234", "一")
    gateway().send("13800001234", "二\n三")
    path = tmp_path / "new" / "messages.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(line["phone"], line["text"]) for line in lines] == [("13800001234", "一"), ("13800001234", "二\n三")]
    assert path.stat().st_mode & 0o077 == 0


def test_ones_own_class_is_made_from_its_path(settings):
    settings.MESSAGE_GATEWAY = "tests.common.test_gateway.Working"
    assert isinstance(gateway(), Working)


@pytest.mark.parametrize(
    "name", ["sms", "no.such.module", "tests.common.test_gateway.Nobody", f"{__name__}.WithoutSend"]
)
def test_what_cannot_send_stops_the_start_and_says_what_to_do(settings, name):
    settings.MESSAGE_GATEWAY = name
    with pytest.raises(ImproperlyConfigured, match="Set it to nothing, console, file, or the dotted path"):
        apps.get_app_config("common").ready()
