"""The bare Django views: the same rows by the ORM and one plain template each, no filters, no layout."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Sum
from django.shortcuts import render

from bench.reference.models import LogFlag, Membership, Participation, Report, ServiceLog, Township, Volunteer

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
