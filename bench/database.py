"""The databases that are measured: the city in a full year, built once an engine, copied for each run."""

import hashlib
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = Path(tempfile.gettempdir()) / "yiwang-bench"
# The year 2025 is complete on this day; the generator's seed is fixed, so the city is the same on every machine.
CITY = ["--scale", "city", "--today", "2026-01-15"]
PORT = "54329"


def environment(url: str, settings: str) -> dict[str, str]:
    """Return the environment of a process that works on the database at ``url``."""
    return os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": settings,
        "SECRET_KEY": "the-bench-signs-nothing-that-anybody-else-will-ever-read-0123456789",
        "DEBUG": "False",
        "HTTPS": "False",
        "ALLOWED_HOSTS": "127.0.0.1",
    }


def manage(url: str, *command: str) -> None:
    """Run one management command of Yiwang on the database at ``url``."""
    known = environment(url, "config.settings")
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=known, check=True)


def fill(url: str) -> None:
    """Build the city at ``url``."""
    began = time.monotonic()
    manage(url, "migrate", "--verbosity", "0")
    manage(url, "demo", *CITY)
    print(f"The city was built in {time.monotonic() - began:.0f} s.\n", flush=True)


def plan() -> str:
    """Return a hash over all that the city is built from: a kept one that was built from something else is old."""
    made_by = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("services/demo/*.py"), *ROOT.glob("areas/data/*")]
    found = hashlib.sha256(repr(CITY).encode())
    for path in sorted(made_by):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def grow(url: str) -> None:
    """Make ten times the logs of the city at ``url``."""
    began = time.monotonic()
    known = environment(url, "config.settings")
    subprocess.run([sys.executable, "-m", "bench.tenfold"], cwd=ROOT, env=known, check=True)
    print(f"It grew tenfold in {time.monotonic() - began:.0f} s.\n", flush=True)


@contextmanager
def sqlite(tenfold: bool = False) -> Iterator[str]:
    """Yield the address of a fresh copy of the city on SQLite, or of the one with ten times its logs."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kind = "ten" if tenfold else "city"
    city = KEPT / f"{kind}-{plan()}.sqlite3"
    if not city.exists():
        forget(f"{kind}-*.sqlite3", "building.sqlite3*")
        building = KEPT / "building.sqlite3"
        if tenfold:
            with sqlite() as url:
                shutil.copyfile(url.removeprefix("sqlite:///"), building)
            grow(f"sqlite:///{building}")
        else:
            fill(f"sqlite:///{building}")
        with closing(sqlite3.connect(building)) as connection:
            connection.execute("ANALYZE")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        building.rename(city)
    forget("run.sqlite3*")
    copy = KEPT / "run.sqlite3"
    shutil.copyfile(city, copy)
    try:
        yield f"sqlite:///{copy}"
    finally:
        forget("run.sqlite3*")


def forget(*patterns: str) -> None:
    """Remove what is kept under these names."""
    for pattern in patterns:
        for path in KEPT.glob(pattern):
            path.unlink()


class Cluster:
    """A PostgreSQL cluster of the bench's own, kept between runs; PostgreSQL refuses to be run by root."""

    def __init__(self) -> None:
        """Find the newest PostgreSQL of the machine and who is to run it."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if not found:
            raise SystemExit("The bench on PostgreSQL needs the package postgresql (15 or later).")
        self.bin, self.data = found[-1].parent, KEPT / "postgresql"
        self.owner = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the owner."""
        subprocess.run(
            [str(self.bin / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            user=self.owner if os.geteuid() == 0 else None,
        )

    def sql(self, statement: str) -> None:
        """Run one statement as the superuser, outside a transaction."""
        self.run("psql", "-q", "-h", str(KEPT), "-p", PORT, "-U", "bench", "-d", "postgres", "-c", statement)

    def start(self) -> None:
        """Create the cluster when there is none, and start it on a socket of its own."""
        KEPT.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(KEPT, self.owner)
        if not self.data.exists():
            self.run("initdb", "-D", str(self.data), "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-k {KEPT} -p {PORT} -c listen_addresses='' -c shared_buffers=512MB -c max_wal_size=4GB"
        self.run("pg_ctl", "-D", str(self.data), "-l", str(self.data / "log"), "-w", "-o", options, "start")

    def stop(self) -> None:
        """Stop the cluster."""
        self.run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def url(self, name: str) -> str:
        """Return the address of the database ``name``."""
        return f"postgres://bench@:{PORT}/{name}?host={KEPT}"


@contextmanager
def postgresql(tenfold: bool = False) -> Iterator[str]:
    """Yield the address of a fresh copy of the city on PostgreSQL, or of the one with ten times its logs."""
    cluster = Cluster()
    cluster.start()
    try:
        built = KEPT / f"city-{plan()}.postgresql"
        if not built.exists():
            forget("city-*.postgresql")
            cluster.sql("DROP DATABASE IF EXISTS city")
            cluster.sql("CREATE DATABASE city")
            fill(cluster.url("city"))
            cluster.run("vacuumdb", "-q", "-h", str(KEPT), "-p", PORT, "-U", "bench", "--analyze", "city")
            built.touch()
        kind = "city"
        if tenfold:
            kind, built = "ten", KEPT / f"ten-{plan()}.postgresql"
            if not built.exists():
                forget("ten-*.postgresql")
                cluster.sql("DROP DATABASE IF EXISTS ten")
                cluster.sql("CREATE DATABASE ten TEMPLATE city")
                grow(cluster.url("ten"))
                cluster.run("vacuumdb", "-q", "-h", str(KEPT), "-p", PORT, "-U", "bench", "--analyze", "ten")
                built.touch()
        cluster.sql("DROP DATABASE IF EXISTS run")
        cluster.sql(f"CREATE DATABASE run TEMPLATE {kind}")
        yield cluster.url("run")
    finally:
        cluster.stop()


ENGINES = {"sqlite": sqlite, "postgresql": postgresql}
