"""What residents asked for on the public page, and since when deputies have been what they are."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from grids.models import Grid, Membership, RoleChange
from services import photo_files
from services.demo.load import go_on_counting, write
from services.demo.names import villager
from services.demo.photos import scene
from services.domain.album import file_fields
from services.domain.clock import start
from services.domain.request import note_asked
from services.domain.step import Kind, note
from services.models import HelpRequest, RequestPhoto
from services.models.request import code_of, hash_of, phone_key_of

# What was asked, and whether the grid was known.
ASKED = (("老人一个人在家，热水器打不着火", True), ("村口路灯不亮，晚上走路看不见", False))
LATER = "屋里只有她一个人，麻烦尽量早点来"
LONG_ENOUGH = 120


def leave(staff: User, today: date, random: Random) -> None:
    """Let two residents of the township that the logins look at wait, and tell when deputies became deputies."""
    grids = Grid.objects.filter(village__township=staff.township_id, teams__state="active").order_by("pk")
    grid = grids.select_related("village").prefetch_related("teams").first()
    if grid is not None:
        for request in _waiting(grid, today, random):
            start(request)
            request.save(force_insert=True)
            note_asked(request)
            _say_more(request, Random(request.key.int))
    write(RoleChange, ("membership_id", "day", "before", "after"), _changes(today, random))
    go_on_counting([RoleChange])


def _waiting(grid: Grid, today: date, random: Random) -> Iterator[HelpRequest]:
    for back, (content, is_known) in enumerate(ASKED):
        asked = timezone.make_aware(datetime.combine(today - timedelta(days=1), time(19 + back, 12)))
        key = UUID(int=random.getrandbits(128), version=4)
        phone, team = f"1990000{random.randrange(10_000):04}", grid.teams.active().first() if is_known else None
        yield HelpRequest(
            key=key,
            code_hash=hash_of(code_of(key)),
            township_id=grid.village.township_id,
            village=grid.village,
            grid=grid if is_known else None,
            team=team,
            handed_at=asked if team is not None else None,
            caller=villager(random),
            phone=phone,
            phone_key=phone_key_of(phone),
            channel=HelpRequest.Channel.PAGE,
            content=content,
            asked_at=asked,
            recorded_at=asked,
        )


def _say_more(request: HelpRequest, random: Random) -> None:
    """Let the first of them add a word later, and the other send a photo along."""
    if request.team is not None:
        note(request, Kind.WORD, text=LATER, at=request.asked_at + timedelta(minutes=25))
        return
    name, picture = f"{random.getrandbits(128):032x}", scene(random)
    photo_files.delete([name])
    photo_files.write(name, picture)
    fields = file_fields(name, UUID(int=random.getrandbits(128), version=4), picture)
    RequestPhoto.objects.create(request=request, form_key=request.key, added_at=request.asked_at, **fields)


def _changes(today: date, random: Random) -> Iterator[tuple]:
    deputies = Membership.objects.current().filter(role=Membership.Role.DEPUTY).order_by("pk")
    for pk, joined in deputies.values_list("pk", "joined_on"):
        days = (today - joined).days
        if days > LONG_ENOUGH:
            yield pk, str(joined + timedelta(days=random.randint(60, days - 30))), "member", "deputy"
