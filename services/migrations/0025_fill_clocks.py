"""Say of the requests on record where they came from, by when they were due, and what became of them.

Frozen here as the rules were on that day: 4 hours, a day and three days for a request of usual urgency.
"""

from datetime import timedelta

from django.db import migrations
from django.db.models import Min, Q

DUE = {"answer": timedelta(hours=4), "arrive": timedelta(days=1), "resolve": timedelta(days=3)}
BATCH = 500
FIELDS = (
    "village", "grid", "handed_at", "phone_key", "state", "answered_at", "arrived_at", "answer_due_at", "arrive_due_at",
    "resolve_due_at", "due_at", "answer_minutes", "arrive_minutes", "resolve_minutes", "category",
)  # fmt: skip


def fill(apps, schema_editor):
    """Fill in what the requests did not say before, and begin their time lines."""
    requests = apps.get_model("services", "HelpRequest").objects
    served = Min("logs__starts_at", filter=Q(logs__is_withdrawn=False))
    found = requests.select_related("team__grid").annotate(served_at=served).order_by("pk")
    batch = []
    for request in found.iterator(chunk_size=BATCH):
        _fill(request, request.served_at)
        batch.append(request)
        if len(batch) == BATCH:
            _write(apps, batch)
            batch = []
    _write(apps, batch)


def _fill(request, served_at):
    if request.team_id is not None:
        request.grid_id = request.grid_id or request.team.grid_id
        request.village_id = request.village_id or request.team.grid.village_id
        request.handed_at = request.asked_at
    number, _, rest = request.phone.partition("-")
    request.phone_key = number + rest.split("-")[0] if number.startswith("0") else number
    for clock, within in DUE.items():
        setattr(request, f"{clock}_due_at", request.asked_at + within)
    if request.state == "open":
        request.due_at = request.answer_due_at
    elif request.state == "resolved":
        arrived = max(request.asked_at, min(served_at or request.closed_at, request.closed_at))
        request.answered_at = request.arrived_at = arrived
        request.answer_minutes = request.arrive_minutes = _minutes(request, arrived)
        request.resolve_minutes = _minutes(request, max(arrived, request.closed_at))
        first = request.logs.filter(is_withdrawn=False).order_by("pk").first()
        request.category_id = first.category_id if first is not None else None
    else:
        request.state = "unsolved"
        request.answered_at = max(request.asked_at, request.closed_at)
        request.answer_minutes = _minutes(request, request.answered_at)


def _minutes(request, moment):
    return int((moment - request.asked_at).total_seconds()) // 60


def _write(apps, batch):
    if not batch:
        return
    requests, steps = apps.get_model("services", "HelpRequest"), apps.get_model("services", "RequestStep")
    requests.objects.bulk_update(batch, FIELDS, batch_size=100)
    made = []
    for request in batch:
        who = {"actor": "office", "by_id": request.recorded_by_id} if request.recorded_by_id else {"actor": "resident"}
        made.append(steps(request=request, kind="asked", text=request.content, at=request.asked_at, **who))
        if request.team_id is not None:
            taken = {"request": request, "kind": "dispatched", "actor": "system", "team_id": request.team_id}
            made.append(steps(at=request.asked_at, **taken))
        if request.state != "open":
            ended = {"request": request, "kind": request.state, "actor": "system", "text": request.outcome}
            made.append(steps(at=request.closed_at, **ended))
    steps.objects.bulk_create(made, batch_size=BATCH)


def empty(apps, schema_editor):
    """Go back to the one state of before."""
    apps.get_model("services", "RequestStep").objects.all().delete()
    requests = apps.get_model("services", "HelpRequest").objects
    requests.filter(state="referred").update(state="closed", outcome="转办", referred_to="")
    requests.filter(state="withdrawn", outcome="").update(state="closed", outcome="撤回")
    requests.filter(state__in=("unsolved", "withdrawn")).update(state="closed")
    # What no team has came from the public page, which nobody recorded and which alone had codes.
    requests.filter(channel="visit").update(channel="in_person")
    requests.filter(team__isnull=True).update(channel="page", recorded_by=None)
    requests.exclude(channel="page").update(code_hash=None)


class Migration(migrations.Migration):
    dependencies = [("services", "0024_request_clocks")]

    operations = [migrations.RunPython(fill, empty)]
