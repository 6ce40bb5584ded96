"""Badges: nearly everybody has one. Some were lost or have expired, some expire soon, some wait to be printed."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from accounts.models import User
from services.demo.load import chunks, go_on_counting, stamp, write
from volunteers.badge_code import hash_of, new_code, number_of
from volunteers.domain.badge import expiry_from
from volunteers.models import Badge, BadgePrint, PrintedBadge, Volunteer

FIELDS = (
    "volunteer_id", "issue", "number", "code_hash", "state", "issued_on", "issued_by_id", "valid_until", "printed_at",
    "ended_at", "reason",
)  # fmt: skip
REASONS = {"lost": ("在菜场丢失", "下乡时遗失", "洗坏了"), "replaced": ("换了照片", "证件破损")}
# In a hundred: no badge yet, one that was lost or replaced before, an expired one, one that expires soon, not printed.
KINDS, ODDS = ("none", "second", "expired", "soon", "unprinted", "plain"), (4, 3, 2, 3, 5, 83)
LAST_PRINT = timedelta(days=12)


def issue(today: date, random: Random) -> None:
    """Issue them, and record one print of the office that is shown first; its file has been deleted since."""
    admin = User.objects.get(username="admin").pk
    people = Volunteer.objects.exclude(status__in=("applied", "rejected")).order_by("id")
    rows = (row for person in people.values_list("pk", "number", "joined_on") for row in _rows(person, today, random))
    write(Badge, FIELDS, ((*row[:6], admin, *row[6:]) for row in rows))
    go_on_counting([Badge])
    _print(today)


def _rows(person: tuple[int, str, date], today: date, random: Random) -> Iterator[tuple]:
    pk, number, joined_on = person
    [kind] = random.choices(KINDS, ODDS)
    issued = max(joined_on, today - timedelta(days=random.randint(20, 700)))
    ended = min(today, issued + timedelta(days=random.randint(10, 300)))
    if kind == "none":
        return
    if kind == "second":
        state = random.choice(("lost", "replaced"))
        yield _row(pk, number, 1, issued, expiry_from(issued), state, ended, random.choice(REASONS[state]))
        yield _row(pk, number, 2, ended, expiry_from(ended))
    elif kind == "unprinted":
        yield _row(pk, number, 1, today, expiry_from(today), is_printed=False)
    elif kind == "plain" or joined_on > today - timedelta(days=400):
        yield _row(pk, number, 1, issued, expiry_from(issued))
    else:
        until = today + timedelta(days=random.randint(5, 50) if kind == "soon" else -random.randint(5, 90))
        yield _row(pk, number, 1, max(joined_on, until - timedelta(days=1200)), until)


def _row(
    pk: int,
    number: str,
    issue: int,
    issued: date,
    until: date,
    state: str = "issued",
    ended: date | None = None,
    reason: str = "",
    is_printed: bool = True,
) -> tuple:
    badge = number_of(number, issue)
    printed = stamp(issued, 15 * 60) if is_printed else None
    ended_at = stamp(ended, 10 * 60) if ended else None
    return pk, issue, badge, hash_of(new_code(badge)), state, str(issued), str(until), printed, ended_at, reason


def _print(today: date) -> None:
    staff = User.objects.get(username="staff")
    printed = list(
        Badge.objects.issued()
        .filter(volunteer__township=staff.township_id, printed_at__isnull=False, issued_on__lte=today - LAST_PRINT)
        .order_by("id")
        .values_list("pk", flat=True)[:40]
    )
    if not printed:
        return
    write(
        BadgePrint,
        ("township_id", "by_id", "at", "layout", "count", "printed", "work_state"),
        [
            (
                staff.township_id,
                staff.pk,
                stamp(today - LAST_PRINT, 15 * 60),
                "sheets",
                len(printed),
                len(printed),
                "done",
            )
        ],
    )
    go_on_counting([BadgePrint])
    made = BadgePrint.objects.latest("pk")
    for keys in chunks(printed):
        write(PrintedBadge, ("print_id", "badge_id"), [(made.pk, key) for key in keys])
    go_on_counting([PrintedBadge])
