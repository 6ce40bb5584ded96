"""Workers killed in the middle of saving, clients that send again: nothing lost, nothing doubled, nothing half-written.

Real processes: gunicorn's workers on a database of their own, and SIGKILL.
"""

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from threading import Event, Thread
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from services.demo.users import PASSWORD

CLIENTS, LOGS_EACH = 4, 12
FORM = "application/x-www-form-urlencoded"


@contextmanager
def own_database(tmp_path):
    """Yield the address of an empty database of the kind that is tested on, and its settings."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'crash.sqlite3'}", {"NAME": tmp_path / "crash.sqlite3"}
        return
    name, server = f"crash_{uuid.uuid4().hex[:12]}", connection.settings_dict
    user = f"{server['USER']}:{quote(server['PASSWORD'])}" if server["PASSWORD"] else server["USER"]
    port = f":{server['PORT']}" if server["PORT"] else ""
    host = server["HOST"] or server["OPTIONS"].get("host", "")
    where = f"{port}/{name}?host={host}" if host.startswith("/") else f"{host}{port}/{name}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield f"postgres://{user}@{where}", {"NAME": name}
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def site(tmp_path, django_db_setup, django_db_blocker):
    """Serve a village of the demo by two workers; yield the port, the master's pid, and a way to ask the database."""
    with django_db_blocker.unblock(), own_database(tmp_path) as (address, own):
        environment = os.environ | {
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "True",
            "HTTPS": "False",
            "ALLOWED_HOSTS": "127.0.0.1",
        }
        environment.pop("TEST_DATABASE_URL", None)
        manage = [sys.executable, "manage.py"]
        day = timezone.localdate() - timedelta(days=2)  # so that nobody of the demo is out yesterday
        for command in (["migrate", "-v0"], ["demo", "--scale", "village", "--today", day.isoformat()]):
            subprocess.run(manage + command, env=environment, check=True, capture_output=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "config.wsgi", "--workers=2", "--threads=2", "--worker-class=gthread",
             f"--bind=127.0.0.1:{port}", "--log-level=critical"],
            env=environment, cwd=settings.BASE_DIR,
        )  # fmt: skip
        connections.databases["crash"] = connections["default"].settings_dict | own
        try:
            wait_for(port)
            yield port, server.pid, connections["crash"]
            subprocess.run([*manage, "check_invariants"], env=environment, check=True, capture_output=True)
        finally:
            server.terminate()
            server.wait()
            connections["crash"].close()
            del connections["crash"], connections.databases["crash"]


def wait_for(port):
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


class Visitor:
    """A browser of the township's staff that sends again until it is answered."""

    def __init__(self, port):
        self.port, self.cookies, self.sent_again = port, {}, 0
        self.until_answered("GET", "/accounts/sign-in/")
        self.until_answered("POST", "/accounts/sign-in/", {"username": "staff", "password": PASSWORD})

    def until_answered(self, method, path, form=None):
        for _ in range(200):
            try:
                status, body = self.ask(method, path, form)
            except (OSError, http.client.HTTPException):
                self.sent_again += 1
                time.sleep(0.05)
                continue
            if status in (200, 302):
                return body
            assert status in (409, 503), (status, body)  # «someone is saving the same thing»: send again
        raise AssertionError("never answered")

    def ask(self, method, path, form):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Content-Type": FORM}
        body = urlencode({**form, "csrfmiddlewaretoken": self.cookies["csrftoken"]}, doseq=True) if form else None
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read().decode()
        finally:
            line.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text


def killing_workers(master, answered, stop):
    """Kill one of the master's workers every now and then, the next one only once somebody has been answered since."""
    killed = known = 0
    while not stop.wait(random.uniform(0.2, 0.6)):
        if killed and len(answered) == known:
            continue  # on a busy machine the new worker is still starting
        known = len(answered)
        with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as children:
            workers = [int(pid) for pid in children.read().split()]
        if workers:
            os.kill(random.choice(workers), signal.SIGKILL)
            killed += 1
    return killed


def entries(database, count):
    """Return so many forms, each for its own ten minutes of yesterday, by some active team with its members."""
    with database.cursor() as cursor:
        cursor.execute("SELECT id FROM grids_team WHERE state = 'active' ORDER BY id LIMIT 1")
        (team,) = cursor.fetchone()
        cursor.execute(
            "SELECT volunteer_id FROM grids_membership WHERE team_id = %s AND left_on IS NULL ORDER BY id LIMIT 3",
            [team],
        )
        people = [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SELECT min(id) FROM services_servicecategory")
        (category,) = cursor.fetchone()
    yesterday: date = timezone.localdate() - timedelta(days=1)
    for number in range(count):
        start = number * 10
        yield {
            "key": str(uuid.uuid4()), "team": team, "date": yesterday.isoformat(), "category": category,
            "starts": f"{start // 60:02}:{start % 60:02}", "ends": f"{(start + 10) // 60:02}:{(start + 10) % 60:02}",
            "participants": people, "recipient": "crash", "content": f"number {number}", "people_served": 1,
        }  # fmt: skip


def test_killed_workers_lose_and_double_nothing(site):
    port, master, database = site
    visitors = [Visitor(port) for _ in range(CLIENTS)]
    forms = list(entries(database, CLIENTS * LOGS_EACH))
    stop, answered, killed = Event(), [], []
    killer = Thread(target=lambda: killed.append(killing_workers(master, answered, stop)))

    def log_all(number):
        for form in forms[number::CLIENTS]:
            visitors[number].until_answered("POST", "/services/logs/new/", form)
            answered.append(form["key"])

    killer.start()
    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(log_all, range(CLIENTS)))
    finally:
        stop.set()
        killer.join()

    with database.cursor() as cursor:
        cursor.execute(
            "SELECT log.content, count(*), count(DISTINCT log.id) FROM services_servicelog AS log"
            " JOIN services_participation AS part ON part.log_id = log.id"
            " WHERE log.recipient = 'crash' GROUP BY log.content"
        )
        saved = {content: (parts, logs) for content, parts, logs in cursor.fetchall()}
    assert saved == {form["content"]: (3, 1) for form in forms}
    assert killed[0] > 0
