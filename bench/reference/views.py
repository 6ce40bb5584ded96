"""The bare Django views: the same rows and one plain template each, no filters, no layout.

By the ORM, and the coverage board by SQL written by hand.
"""

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.db.models import Count, Sum
from django.shortcuts import render
from django.utils import timezone

from bench.reference.models import (
    HelpRequest,
    LogFlag,
    Membership,
    Participation,
    Report,
    ServiceLog,
    Township,
    Volunteer,
)

PAGE = 50


@login_required
def volunteers(request):
    """List the first volunteers with their teams."""
    rows = list(Volunteer.objects.select_related("primary_skill", "village", "township")[:PAGE])
    teams = dict(
        Membership.objects.filter(volunteer__in=rows, left_on__isnull=True).values_list("volunteer", "team__name")
    )
    for row in rows:
        row.team_name = teams.get(row.pk, "")
    return render(request, "reference/volunteers.html", {"rows": rows})


@login_required
def logs(request):
    """List the latest services, or the first with ``last``, with who took part; of a township and category if asked."""
    found = ServiceLog.objects.select_related("team", "category", "report")
    found = found.filter(**{name: request.GET[name] for name in ("township", "category") if name in request.GET})
    rows = list(found.reverse()[:PAGE])[::-1] if "last" in request.GET else list(found[:PAGE])
    names = {}
    for log, name in Participation.objects.filter(log__in=rows).values_list("log", "volunteer__name"):
        names.setdefault(log, []).append(name)
    for row in rows:
        row.people = names.get(row.pk, [])
    return render(request, "reference/logs.html", {"rows": rows})


@login_required
def desk(request):
    """Show a township's month team by team: leader, services, people, minutes, and what was flagged."""
    month = f"{request.GET['month']}-01"
    rows = list(Report.objects.filter(month=month, township=request.GET["township"]).select_related("team"))
    leaders = dict(
        Membership.objects.filter(team__report__in=rows, role="leader", left_on=None).values_list(
            "team", "volunteer__name"
        )
    )
    standing = {"log__report__in": rows, "log__is_withdrawn": False}
    logs = dict(
        ServiceLog.objects.filter(report__in=rows, is_withdrawn=False)
        .order_by()
        .values_list("report")
        .annotate(Count("pk"))
    )
    served = Participation.objects.filter(**standing).values_list("log__report")
    sums = {pk: rest for pk, *rest in served.annotate(Count("volunteer", distinct=True), Sum("minutes"))}
    flags = {}
    for pk, rule, count in LogFlag.objects.filter(**standing).values_list("log__report", "rule").annotate(Count("pk")):
        flags.setdefault(pk, []).append((rule, count))
    for row in rows:
        row.leader, row.logs, row.flags = leaders.get(row.team_id, ""), logs.get(row.pk, 0), flags.get(row.pk, [])
        row.people, row.minutes = sums.get(row.pk, (0, 0))
    return render(request, "reference/desk.html", {"rows": rows})


@login_required
def progress(request):
    """Show how far each township's month has come."""
    rows = {}
    counted = Report.objects.filter(month=f"{request.GET['month']}-01").values_list("township", "state")
    for township, state, count in counted.annotate(Count("pk")):
        rows.setdefault(township, {})[state] = count
    townships = Township.objects.filter(pk__in=rows)
    return render(request, "reference/progress.html", {"rows": [(each, rows[each.pk]) for each in townships]})


# Thirty days of silence, three days to answer a request, three skill types: what the city goes by.
STATE = """
    CASE WHEN t.id IS NULL THEN 'no_team'
         WHEN t.state = 'forming' THEN 'forming'
         WHEN EXISTS (SELECT 1 FROM services_helprequest r
                      WHERE r.team_id = t.id AND r.state = 'open' AND r.asked_at < %s) THEN 'overdue'
         WHEN (SELECT COUNT(DISTINCT p.primary_skill_id) FROM grids_membership m
               JOIN volunteers_volunteer p ON p.id = m.volunteer_id
               WHERE m.team_id = t.id AND m.left_on IS NULL) < 3 THEN 'skills'
         WHEN t.activated_on <= %s AND NOT EXISTS (
               SELECT 1 FROM services_servicelog l
               WHERE l.team_id = t.id AND l.date > %s AND NOT l.is_withdrawn) THEN 'silent'
         ELSE 'well' END
"""
GRIDS = """
    FROM grids_grid g JOIN areas_village v ON v.id = g.village_id
    LEFT JOIN grids_team t ON t.grid_id = g.id AND t.state IN ('forming', 'active')
    WHERE NOT g.is_retired
"""
CITY = f"""
    SELECT township_id, state, COUNT(*), SUM(households)
    FROM (SELECT v.township_id, g.households, {STATE} AS state {GRIDS}) grids GROUP BY township_id, state
"""
TILES = f"""
    SELECT g.id, g.number, g.households, g.village_id, v.name, t.id, t.activated_on, {STATE},
        (SELECT l.date FROM services_servicelog l
         WHERE l.team_id = t.id AND NOT l.is_withdrawn ORDER BY l.date DESC, l.id DESC LIMIT 1),
        (SELECT COUNT(*) FROM grids_membership m WHERE m.team_id = t.id AND m.left_on IS NULL),
        (SELECT MIN(r.asked_at) FROM services_helprequest r WHERE r.team_id = t.id AND r.state = 'open')
    {GRIDS} AND v.township_id = %s ORDER BY v.code, g.number
"""
WORDS = {
    "no_team": "无服务队",
    "forming": "组建中",
    "overdue": "求助超期",
    "skills": "类型不足",
    "silent": "久未服务",
    "well": "正常",
}


def rows_of(query, *more):
    """Return the rows of a statement that begins with what a state depends on."""
    today = timezone.localdate()
    midnight = timezone.make_aware(dt.datetime.combine(today, dt.time()))
    silent = today - dt.timedelta(days=30)
    with connection.cursor() as cursor:
        asked = connection.ops.adapt_datetimefield_value(midnight - dt.timedelta(days=3))
        cursor.execute(query, [asked, silent, silent, *more])
        return cursor.fetchall()


@login_required
def city(request):
    """Show each township's grids by their state."""
    counts, households = {}, {}
    for township, state, count, sum_of_households in rows_of(CITY):
        counts.setdefault(township, {})[state] = count
        households[township] = households.get(township, 0) + sum_of_households
    rows = []
    for township in Township.objects.all():
        found = counts.get(township.pk, {})
        states = [(state, word, found[state]) for state, word in WORDS.items() if state in found]
        rows.append((township, sum(found.values()), households.get(township.pk, 0), states))
    return render(request, "reference/city.html", {"rows": rows})


@login_required
def tiles(request):
    """Show a township's villages with a tile for each grid: its number, its state, and why."""
    today, villages = timezone.localdate(), {}
    for pk, number, households, village, name, team, active, state, last, members, asked in rows_of(
        TILES, request.GET["township"]
    ):
        last, active = as_day(last), as_day(active)
        days = (today - (last or active)).days if last or active else 0
        if state == "no_team":
            brief, why, url = f"{households}户", f"还没有服务队，{households}户无人服务。", f"/grids/{pk}/team/"
        elif state == "forming":
            brief, why, url = f"{members}人", f"服务队现有{members}名队员。", f"/teams/{team}/add/"
        elif state == "overdue":
            waits = (today - as_day(asked)).days
            brief, why, url = f"{waits}天", f"求助已等待{waits}天。", f"/requests/?team={team}"
        else:
            brief, url = f"{days}天前", f"/teams/{team}/"
            why = f"最近一次服务在{last:%Y-%m-%d}（{days}天前）。" if last else "还没有服务。"
        tile = {"pk": pk, "number": number, "state": state, "word": WORDS[state], "brief": brief, "why": why}
        villages.setdefault((village, name), []).append({**tile, "url": url, "households": households})
    rows = [(name, found, sum(tile["households"] for tile in found)) for (_, name), found in villages.items()]
    return render(request, "reference/tiles.html", {"rows": rows})


def as_day(value):
    """Return the day of what the database gave: SQLite gives texts."""
    return (
        dt.date.fromisoformat(value[:10])
        if isinstance(value, str)
        else value and getattr(value, "date", lambda: value)()
    )


@login_required
def due(request):
    """Show the open requests of a township, or of the city, by what is due next: thirty a lane, the first due first."""
    found = HelpRequest.objects.filter(state="open").select_related("township", "village", "team")
    if "township" in request.GET:
        found = found.filter(township=request.GET["township"])
    runs, now = found.filter(waiting_since=None), timezone.now()
    lanes = []
    for name, lane, order in (
        ("answer", runs.filter(answered_at=None), "due_at"),
        ("arrive", runs.filter(arrived_at=None).exclude(answered_at=None), "due_at"),
        ("resolve", runs.exclude(arrived_at=None), "due_at"),
        ("waiting", found.exclude(waiting_since=None), "waiting_since"),
    ):
        lanes.append((name, lane.count(), lane.filter(due_at__lt=now).count(), list(lane.order_by(order, "pk")[:30])))
    return render(request, "reference/due.html", {"lanes": lanes})
