"""Contact cards: most grids have theirs, some wait to be handed out, and of some what they say has changed since."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from accounts.models import User
from grids.cards import Face, faces_of, fingerprint_of
from grids.models import CardBatch, CardFile, CardPrint, Grid, HandOut, Membership
from services.demo.load import first_pk, go_on_counting, stamp, write
from services.demo.logs import key

# In a hundred: how the cards of a grid stand.
KINDS, ODDS = ("current", "waiting", "partly", "changed", "hotline", "never"), (70, 6, 6, 9, 3, 6)
# How those of the first township's first grids stand, so that the smallest demo shows each.
SHOWN = ("current", "changed", "waiting", "partly", "hotline", "never")
WHO = ("村委会", "网格长", "驻村干部", "老年活动中心")
# Who joined since then is the reason; of an older team something else has changed.
RECENT = timedelta(days=500)
OLD_NUMBER = "0577-60000999"


def print_and_hand_out(staff: Mapping[int, int], today: date, random: Random) -> None:
    """Print the cards of every grid with an active team some months ago, and hand most of them out."""
    admin = User.objects.get(username="admin").pk
    grids = {grid.pk: grid for grid in Grid.objects.in_use().select_related("village")}
    joined = _latest_joined()
    prints: dict[tuple[int, date], list[tuple[Face, str, dict[str, Any]]]] = defaultdict(list)
    days: dict[int, date] = {}
    shown = list(SHOWN)
    for face in faces_of(Grid.objects.in_use()):
        if face.team is None or not face.can_be_called:
            continue
        township = grids[face.grid].village.township_id
        day = days.setdefault(township, today - timedelta(days=random.randint(20, 60)))
        kind = shown.pop(0) if shown else random.choices(KINDS, ODDS)[0]
        content = face.content
        newest = joined.get(face.team)
        if kind == "changed" and newest and newest[1] > today - RECENT:
            day = min(day, newest[1] - timedelta(days=1))
            del content["members"][str(newest[0])]
        elif kind == "changed":
            somebody = next(iter(face.contacts.named or face.contacts.members))
            content["members"][str(somebody.volunteer)]["phone" if somebody.is_named else "skill"] = ""
        elif kind == "hotline":
            day -= timedelta(days=200)
            content["hotline"] = OLD_NUMBER
        if kind != "never":
            prints[township, day].append((face, kind, content))
    _write(prints, grids, staff, admin, today, random)


def _latest_joined() -> dict[int, tuple[int, date]]:
    """Return who joined each team last, and when."""
    rows = Membership.objects.current().order_by("joined_on", "pk").values_list("team", "volunteer", "joined_on")
    return {team: (volunteer, day) for team, volunteer, day in rows}


def _write(
    prints: Mapping[tuple[int, date], list[tuple[Face, str, dict[str, Any]]]],
    grids: Mapping[int, Grid],
    staff: Mapping[int, int],
    admin: int,
    today: date,
    random: Random,
) -> None:
    made, batch_pk = first_pk(CardPrint), first_pk(CardBatch)
    print_rows, files, batches, hand_outs = [], [], [], []
    for (township, day), cards in prints.items():
        by = staff.get(township, admin)
        print_rows.append((made, township, by, stamp(day, 10 * 60), "done", True))
        total = sum(grids[face.grid].households for face, _kind, _content in cards)
        files.append((made, 1, "", total, cards[0][0].grid, cards[-1][0].grid))
        for face, kind, content in cards:
            copies = grids[face.grid].households
            out = {"waiting": 0, "partly": copies // 2}.get(kind, copies)
            batches.append(
                (
                    batch_pk, made, face.grid, face.team, township, str(day), copies, out,
                    fingerprint_of(content), json.dumps(content, ensure_ascii=False), "", "",
                )
            )  # fmt: skip
            if out:
                on = min(today, day + timedelta(days=random.randint(2, 12)))
                who = random.choice(WHO)
                hand_outs.append((batch_pk, township, str(on), out, who, "", key(random), by, stamp(on, 15 * 60), ""))
            batch_pk += 1
        made += 1
    write(CardPrint, ("id", "township_id", "by_id", "at", "work_state", "is_settled"), print_rows)
    write(CardFile, ("print_id", "part", "name", "cards", "first_id", "last_id"), files)
    write(
        CardBatch,
        (
            "id", "print_id", "grid_id", "team_id", "township_id", "printed_on", "copies", "handed_out",
            "fingerprint", "content", "left_out", "lacking",
        ),
        batches,
    )  # fmt: skip
    write(
        HandOut,
        ("batch_id", "township_id", "on", "count", "received_by", "handed_by", "key", "by_id", "at", "reason"),
        hand_outs,
    )
    go_on_counting([CardPrint, CardFile, CardBatch, HandOut])
