"""A hundred residents a second ask for help, and a district's office goes on working: two workers, nothing lost.

The requests are offered at their times whether or not the answers to the earlier ones are there, as residents do; each
tenth form arrives twice at the same moment, as from a finger that trembles. Judged is what is in the database after
the last answer, and whether the office's pages came meanwhile.
"""

import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.rights import Role
from areas.models import Village
from bench.database import ROOT
from services.models import HelpRequest

RATE, SECONDS, DOUBLED_EVERY = 100, 10, 10
OFFERED = RATE * SECONDS
STAFF_PAGES = ("/", "/services/requests/", "/services/logs/")
# Residents are more at once than a server has sockets waiting, never than the bench has threads.
THREADS = 256
PATIENCE = 120
MARK = "bench: "


@dataclass
class Seen:
    """What came back: how each form was answered, how long that took, and how long the office waited for its pages."""

    answers: list[tuple[int, int, str]] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    office: list[tuple[int, float]] = field(default_factory=list)


class Hundred:
    """The case as ``bench.worker`` runs it: prepared on the database that the server works on."""

    def __init__(self) -> None:
        """Choose villages enough that none reaches its own limit by the hour."""
        villages = Village.objects.filter(merged_into=None).order_by("code")
        self.villages = list(villages.values_list("code", flat=True))
        self.session = session_of(User.objects.filter(role=Role.TOWNSHIP_STAFF).order_by("pk")[0])
        self.seen = Seen()

    def before(self) -> None:
        """Take no connection along: the server has its own."""
        connection.close()

    def run(self) -> None:
        """Offer everything, and wait for the last answer."""
        with server() as port:
            cookie, token = opened_form(port, self.villages[0])
            over = threading.Event()
            office = threading.Thread(target=work, args=(port, self.session, over, self.seen))
            office.start()
            began = time.monotonic()
            with ThreadPoolExecutor(THREADS) as residents:
                for number in range(OFFERED):
                    time.sleep(max(0.0, began + number / RATE - time.monotonic()))
                    for _time in range(2 if number % DOUBLED_EVERY == 0 else 1):
                        residents.submit(self.ask, port, number, cookie, token)
            over.set()
            office.join()

    def ask(self, port: int, number: int, cookie: str, token: str) -> None:
        """Send one resident's form, from an address and for a phone of its own."""
        began = time.monotonic()
        form = {
            "csrfmiddlewaretoken": token,
            "key": str(key_of(number)),
            "content": f"{MARK}{number}",
            "place": f"桥头{number}号",
            "phone": f"139{number:08}",
            "website": "",
            "grid": "",
        }
        village = self.villages[number % len(self.villages)]
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": cookie,
            "X-Forwarded-For": f"10.{number // 65536}.{number // 256 % 256}.{number % 256}",
        }
        try:
            status, where, _body = fetch(port, "POST", f"/ask/village/{village}/", urlencode(form), headers)
        except OSError as error:
            status, where = 0, repr(error)
        self.seen.answers.append((number, status, where))
        self.seen.took.append(time.monotonic() - began)

    def result(self) -> dict[str, Any]:
        """Hold the answers against the database."""
        stored = list(HelpRequest.objects.filter(content__startswith=MARK).values_list("key", flat=True))
        codes: dict[int, set[str]] = {}
        for number, status, where in self.seen.answers:
            codes.setdefault(number, set()).add(where if status == 302 else f"{status} {where}")
        waits = sorted(wait for _status, wait in self.seen.office)
        took = sorted(self.seen.took)
        return {
            "offered": OFFERED,
            "answers": len(self.seen.answers),
            "refused": sum(status != 302 for _number, status, _where in self.seen.answers),
            "stored": len(stored),
            "lost": OFFERED - len(set(stored) & {key_of(number) for number in range(OFFERED)}),
            "doubled": len(stored) - len(set(stored)) + sum(len(told) > 1 for told in codes.values()),
            "median": statistics.median(took),
            "last": took[-1],
            "office": len(waits),
            "office_failed": sum(status != 200 for status, _wait in self.seen.office),
            "office_median": statistics.median(waits) if waits else None,
            "office_worst": waits[-1] if waits else None,
        }


def key_of(number: int) -> UUID:
    """Return the key of a resident's form: the same whenever it is sent."""
    return uuid5(UUID(int=0), f"bench {number}")


def session_of(user: User) -> str:
    """Sign somebody in and return the session's key."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def work(port: int, session: str, over: threading.Event, seen: Seen) -> None:
    """Be the office: open one page after the other until the residents are done."""
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}", "X-Forwarded-For": "10.255.0.1"}
    turn = 0
    while not over.is_set():
        began = time.monotonic()
        try:
            status, _where, _body = fetch(port, "GET", STAFF_PAGES[turn % len(STAFF_PAGES)], "", headers)
        except OSError:
            status = 0
        seen.office.append((status, time.monotonic() - began))
        turn += 1
        time.sleep(0.2)


def opened_form(port: int, village: str) -> tuple[str, str]:
    """Open the form once, for the cookie and the token that its sending needs."""
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    line.request("GET", f"/ask/village/{village}/", headers={"X-Forwarded-For": "10.255.0.2"})
    answer = line.getresponse()
    page, cookie = answer.read().decode(), str(answer.headers["Set-Cookie"]).partition(";")[0]
    line.close()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise RuntimeError(f"No form at village {village}: {answer.status}")
    return cookie, found.group(1)


def fetch(port: int, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, str, bytes]:
    """Ask once on a connection of its own; return status, where it leads, and the page."""
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        line.request(method, path, body or None, headers)
        answer = line.getresponse()
        return answer.status, answer.headers.get("Location", ""), answer.read()
    finally:
        line.close()


@contextmanager
def server() -> Iterator[int]:
    """Serve as an office does, with two workers behind a proxy, on a port that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    known = os.environ | {"PROXY_COUNT": "1"}
    running = subprocess.Popen([*command, "--log-level", "error"], cwd=ROOT, env=known)
    try:
        for _attempt in range(100):
            try:
                if fetch(port, "GET", "/healthz", "", {})[0] == 200:
                    break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait()
