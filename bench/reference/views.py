"""The bare Django views: the same rows by the ORM and one plain template each, no filters, no layout."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from bench.reference.models import Membership, Participation, ServiceLog, Volunteer

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
