"""The gateway to phones: one short text to one number, by whatever service the office has a contract with.

``MESSAGE_GATEWAY`` names it: nothing for none, ``console`` or ``file`` to try things out, or the dotted path of a class
of one's own that is made without arguments and has ``send(phone, text)`` (docs/operations.md). A number and a text are
the whole interface: a push service that knows its devices by their numbers does as well as one for text messages.
"""

import json
import sys
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.module_loading import import_string


class NotSentError(Exception):
    """The gateway did not take the text; the words are kept with the attempt, so they must not repeat the number."""


class Gateway(Protocol):
    """What sends a text to a phone."""

    def send(self, phone: str, text: str) -> None:
        """Hand ``text`` over for ``phone``; raises ``NotSentError``, or what its connection raises, when it fails."""


class ConsoleGateway:
    """Prints what would be sent, where the worker runs: for development."""

    def send(self, phone: str, text: str) -> None:
        """Print it."""
        sys.stdout.write(f"{phone}: {text}\n")
        sys.stdout.flush()


class FileGateway:
    """Appends what would be sent to ``MESSAGE_FILE``, one JSON object a line: for a trial, or a program that sends it.

    The numbers stand there in full: only the application's own account may read the file.
    """

    def send(self, phone: str, text: str) -> None:
        """Append it."""
        path = Path(settings.MESSAGE_FILE)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        line = {"at": timezone.localtime().isoformat(timespec="seconds"), "phone": phone, "text": text}
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


BUILT_IN: dict[str, type[Gateway]] = {"console": ConsoleGateway, "file": FileGateway}


def gateway() -> Gateway | None:
    """Return the gateway that the setting names, or None; raises ``ImproperlyConfigured`` for one that is none."""
    name = settings.MESSAGE_GATEWAY
    if name in ("", "none"):
        return None
    if name in BUILT_IN:
        return BUILT_IN[name]()
    try:
        made = import_string(name)()
    except (ImportError, TypeError) as error:
        raise ImproperlyConfigured(_says(name, str(error))) from error
    if not callable(getattr(made, "send", None)):
        raise ImproperlyConfigured(_says(name, "it has no send(phone, text)"))
    sender: Gateway = made
    return sender


def _says(name: str, why: str) -> str:
    return (
        f"MESSAGE_GATEWAY is {name!r}, which cannot be used: {why}. Set it to nothing, console, file, or the dotted"
        " path of a class that is made without arguments and has send(phone, text)."
    )
