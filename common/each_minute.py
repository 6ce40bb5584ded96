"""What is looked at every minute, such as deadlines: registered by whoever keeps them, done by ``manage.py work``.

Each may run as often as one likes and by several workers at once: what was done is not done again.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import Error

logger = logging.getLogger(__name__)
_acts: dict[str, Callable[[], Any]] = {}


def each_minute(act: Callable[[], Any]) -> None:
    """Let ``act`` be done every minute; the same one again takes its own place."""
    _acts[f"{act.__module__}.{act.__qualname__}"] = act


def do_each_minute() -> dict[str, Any]:
    """Do everything once, and return by name what came of it; what fails is logged and hinders nothing else."""
    done = {}
    for name, act in list(_acts.items()):
        try:
            done[name] = act()
        except Error:  # the database is away or busy: the next minute will do
            logger.warning("%s: the database was away or busy", name)
        except Exception:
            logger.exception("%s failed", name)
    return done
