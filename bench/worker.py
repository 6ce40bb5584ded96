"""One process of the bench: it loads one Django project and times what it is told, one line of JSON at a time.

The subject and its reference live in a process each, so that neither pays for the other's imports or caches.
"""

import json
import logging
import sys
import time
from importlib import import_module
from typing import Any

import django
from django.db import connection


def memory() -> int:
    """Return the resident memory of this process in kilobytes."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def answer(cases: dict[str, Any], command: dict[str, Any]) -> Any:
    """Carry out one command: prepare a case, run it once against the clock, tell its result or the memory in use."""
    what, name = command["do"], command.get("name", "")
    if what == "prepare":
        module, _, kind = command["case"].partition(":")
        cases[name] = getattr(import_module(module), kind)(**command.get("options", {}))
        return None
    if what == "run":
        cases[name].before()
        wall, cpu = time.perf_counter(), time.process_time()
        cases[name].run()
        return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    if what == "result":
        return cases[name].result()
    if what == "memory":
        return memory()
    raise ValueError(f"unknown command {what!r}")


def main() -> None:
    """Answer commands until the input ends."""
    django.setup()
    logging.disable(logging.INFO)  # who signed in for the measurement is no news
    connection.ensure_connection()
    cases: dict[str, Any] = {}
    for line in sys.stdin:
        print(json.dumps(answer(cases, json.loads(line)), default=str), flush=True)


if __name__ == "__main__":
    main()
