"""A pile of paper logs, typed row by row: each row is saved on its own, and says at once what became of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from areas.models import TownshipSettings
from common.clean import key_of
from common.rules import RuleBroken
from services.domain.log import RecordedDifferently, record_service
from services.forms.row import RowForm, as_typed, next_row
from services.models import ServiceLog
from services.paper.directory import Directory, short_name


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.LOG_SERVICES)
def log_rows(request: HttpRequest) -> HttpResponse:
    """Show the rows and save one; a row sent by the page's script is answered alone, else the whole page comes back."""
    if request.method != "POST":
        return _page(request, RowForm(user=request.user, initial=_begin(request)))
    form = RowForm(request.POST, user=request.user)
    if form.is_somebody_elses:
        form.add_error(None, _("You are signed in with another account than the one that this row was typed with."))
        return _answer(request, form, status=409)
    stored = None
    if form.is_valid():
        try:
            recorded = record_service(**form.entry(), by=request.user)
        except RecordedDifferently as different:
            form.add_rule(different)
            stored = ServiceLog.objects.visible_to(request.user).filter(pk=different.log.pk).first()
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            return _saved(request, recorded.log, is_new=recorded.is_new)
    return _answer(request, form, stored=stored, status=422)


@require_POST
@right_required(Right.LOG_SERVICES)
def log_row_check(request: HttpRequest) -> HttpResponse:
    """Say what a row means before it is saved: the team, the day, how long, who; nothing is written."""
    form = RowForm(request.POST, user=request.user)
    return render(request, "services/row/_meaning.html", _meaning(form, doubts=True))


def _saved(request: HttpRequest, log: ServiceLog, *, is_new: bool) -> HttpResponse:
    log = ServiceLog.objects.select_related("team", "category").get(pk=log.pk)
    is_late = (timezone.localdate() - log.date).days > TownshipSettings.of(log.township_id).late_entry_days
    if "inline" in request.POST:
        context = {"saved": as_typed(log), "is_new": is_new, "is_late": is_late}
        return render(request, "services/row/_saved.html", context)
    text = _("Saved as number %(number)s:") if is_new else _("This row was saved before, as number %(number)s:")
    shown = format_html('{} <a href="{}">{}</a>', text % {"number": log.pk}, log.get_absolute_url(), log.recipient)
    messages.success(request, shown)
    return redirect(f"{reverse('services:log_rows')}?after={log.pk}")


def _answer(request: HttpRequest, form: RowForm, *, stored: ServiceLog | None = None, status: int) -> HttpResponse:
    if "inline" not in request.POST:
        return _page(request, form, stored=stored, status=status)
    context = {"form": form, "stored": stored} | _meaning(form)
    response = render(request, "services/row/_row.html", context, status=status)
    response["X-Row"] = "row"  # a busy database answers 409 too, with a page
    return response


def _begin(request: HttpRequest) -> dict[str, Any]:
    """Return what the first row begins with; ``after`` in the address is the row that was saved last."""
    after = key_of(request.GET.get("after"))
    last = ServiceLog.objects.visible_to(request.user).filter(pk=after, recorded_by=request.user) if after else None
    return next_row(request.user, last.select_related("team").first() if last else None, Directory(request.user))


def _page(request: HttpRequest, form: RowForm, *, stored: ServiceLog | None = None, status: int = 200) -> HttpResponse:
    directory = form.directory
    context = {
        "form": form,
        "blank": RowForm(user=request.user, initial={"key": "__row__"}),
        "stored": stored,
        "teams": [(team.name, short_name(team)) for team in directory.teams.values()],
        "categories": [(category.name, category.code) for category in directory.categories],
        **(_meaning(form) if form.is_bound else {}),
    }
    return render(request, "services/row/rows.html", context, status=status)


def _meaning(form: RowForm, *, doubts: bool = False) -> dict[str, Any]:
    """Prepare what a row means, printed beneath it; ``doubts`` says what is wrong so far, before it is judged."""
    line, people = form.line, form.line.people
    members = form.directory.members_on(line.team, line.date) if line.team and line.date else []
    chosen = people.minutes if people else {}
    return {
        "meaning": {
            "team": line.team.name if line.team else "",
            "day": date_format(line.date) if line.date else "",
            "weekday": date_format(line.date, "l") if line.date else "",
            "minutes": line.minutes,
            "category": str(line.category) if line.category else "",
            "members": [
                {"place": place, "name": member.name, "initials": member.name_initials, "is_in": member.pk in chosen}
                for place, member in enumerate(members, start=1)
            ],
            "people": [
                {
                    "name": person.name,
                    "number": person.number,
                    "minutes": people.minutes[person.pk],
                    "is_helper": person.pk in people.helpers,
                }
                for person in people.found
            ]
            if people
            else [],
            "problems": form.typed_problems if doubts else [],
        }
    }
