"""``manage.py demo``: fill an empty database with an invented programme."""

import sys
from datetime import date
from time import monotonic
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import AuditEntry, User
from services.demo.build import Builder, Step
from services.demo.scale import SCALES, Calendar
from services.demo.users import NAMES, PASSWORD
from services.models import ServiceLog
from volunteers.models import Volunteer

BAR = 30


class Command(BaseCommand):
    """Fill an empty database with demo data; leave alone one that holds the same demo, refuse any other."""

    help = "Fill an empty database with an invented programme on the real divisions of Yueqing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take size, day and seed: the same three give the same rows."""
        parser.add_argument("--scale", choices=SCALES, default="township")
        parser.add_argument(
            "--today", type=date.fromisoformat, help="services run until the day before (default: today)"
        )
        parser.add_argument("--seed", type=int, default=2010)
        parser.add_argument("--fraction", type=float, default=1.0, help="build only this part of the teams")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are volunteers already")

    def handle(
        self, *args: Any, scale: str, today: date | None, seed: int, fraction: float, if_empty: bool, **options: Any
    ) -> None:
        """Build the demo, unless it is there."""
        wanted = {"scale": scale, "seed": seed, "fraction": fraction}
        if Volunteer.objects.exists():
            self._keep(wanted, today, if_empty)
        else:
            taken = User.objects.filter(username__in=NAMES).values_list("username", flat=True)
            if taken:
                raise CommandError(f"These users exist already: {', '.join(taken)}. The demo needs their names.")
            self._build(wanted, today or timezone.localdate())
        self._print_accounts()

    def _keep(self, wanted: dict[str, Any], today: date | None, if_empty: bool) -> None:
        """Say that the data stay, or refuse when they are somebody's own, or another demo."""
        there = _demo_there()
        is_same = there is not None and wanted.items() <= there.items() and today in (None, _day(there))
        if not is_same and not if_empty:
            raise CommandError("The database holds data already, and not this demo. Name an empty one in DATABASE_URL.")
        self.stdout.write("The database holds data already: it keeps them.")

    def _build(self, wanted: dict[str, Any], today: date) -> None:
        began = monotonic()
        call_command("load_divisions", verbosity=0, stdout=self.stderr)
        scale = SCALES[wanted["scale"]].smaller(wanted["fraction"])
        builder = Builder(scale, Calendar(today), wanted["seed"], self._tell)
        builder.build()
        self._tell(Step(1, 1, ""))
        _remember(wanted | {"today": today.isoformat()}, builder.shared.cases)
        self.stdout.write(
            f"{Volunteer.objects.count()} volunteers, {ServiceLog.objects.count()} services up to {today}"
            f" in {monotonic() - began:.0f} s. All of it is invented."
        )

    def _tell(self, step: Step) -> None:
        """Draw the bar where somebody watches."""
        if sys.stderr.isatty():
            full = BAR * step.done // step.of
            end = "\n" if step.done == step.of else ""
            sys.stderr.write(f"\r[{'#' * full}{'.' * (BAR - full)}] {step.done}/{step.of} {step.name:　<8}{end}")
            sys.stderr.flush()

    def _print_accounts(self) -> None:
        """Print one login a role, where the accounts are the demo's."""
        if _demo_there() is None:
            return
        people = User.objects.filter(username__in=NAMES).select_related("township").order_by("pk")
        self.stdout.write(f"\nDemo accounts, all with the password {PASSWORD} - never for real data:\n")
        for person in people:
            self.stdout.write(f"  {person.username:<10}{person.role:<16}{person.township or '乐清市'}  {person.name}")


def _demo_there() -> dict[str, Any] | None:
    """Return what the demo in this database was built from, as the audit trail remembers it."""
    entry = AuditEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), additional_data__has_key="demo"
    ).first()
    return entry and entry.additional_data["demo"]


def _day(demo: dict[str, Any]) -> date:
    return date.fromisoformat(demo["today"])


def _remember(demo: dict[str, Any], planted: dict[str, list[int]]) -> None:
    """Keep what the demo was built from, and which logs are known cases for flags (``services.demo.plants``)."""
    admin = User.objects.get(username="admin")
    AuditEntry.objects.create(
        content_type=ContentType.objects.get_for_model(User), object_pk=str(admin.pk), object_id=admin.pk,
        object_repr=str(admin), action=AuditEntry.Action.CREATE, changes={},
        additional_data={"demo": demo, "planted": planted},
    )  # fmt: skip
