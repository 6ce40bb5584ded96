"""Attendance: a list that is looked at before it is written down, changes for one person, and the list of all."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.clean import key_of
from common.lists import list_page
from common.rules import RuleBroken
from volunteers.domain import attendance as domain
from volunteers.domain.course import refuse_unless_held_now
from volunteers.forms.attendance import AttendanceForm, RollForm
from volunteers.models import Attendance, Course, OpenName
from volunteers.roll.lines import Line, as_text
from volunteers.roll.match import OPEN, match, seen_hash
from volunteers.training_exports import ATTENDANCE
from volunteers.training_filters import AttendanceFilter
from volunteers.training_rows import ATTENDANCE_FIELDS, attendance_rows, match_badges, match_rows
from volunteers.views.course import visible

CHOICE = "choice-"


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TRAINING)
def attendance_list(request: HttpRequest) -> HttpResponse:
    """List who was at which course: the rows behind the figures."""
    return list_page(
        request,
        queryset=Attendance.objects.visible_to(request.user),
        filterset_class=AttendanceFilter,
        ordering=("-date", "-id"),
        columns=ATTENDANCE_FIELDS,
        rows=attendance_rows,
        template="volunteers/attendance/list.html",
        export=ATTENDANCE,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_TRAINING)
def roll(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a list in, show whom each line means, and write it down once that was seen."""
    course = visible(request, pk)
    if request.method != "POST":
        return _ask(request, course, RollForm(initial={"text": _open_text(request, course), "default": ""}))
    form = RollForm(request.POST, request.FILES)
    if request.POST.get("step") == "change":
        return _ask(
            request, course, RollForm(initial={name: request.POST.get(name, "") for name in ("text", "default")})
        )
    if not form.is_valid():
        return _ask(request, course, form, status=422)
    choices = _choices(request)
    try:
        refuse_unless_held_now(course)
        if request.POST.get("step") == "save":
            recorded = domain.record_roll(
                course,
                form.lines,
                seen=request.POST.get("seen", ""),
                default=form.cleaned_data["default"],
                choices=choices,
                by=request.user,
            )
            _tell(request, recorded)
            return redirect(course)
    except RuleBroken as broken:
        if broken.code != "stale":
            form.add_rule(broken)
            return _ask(request, course, form, status=422)
        return _preview(request, course, form.lines, form.cleaned_data["default"], choices, problem=broken.message)
    return _preview(request, course, form.lines, form.cleaned_data["default"], choices)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_TRAINING)
def attendance_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody's result or minutes."""
    attendance = _attendance(request, pk)
    initial = {"result": attendance.result, "minutes": attendance.minutes}
    form = AttendanceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            domain.change_attendance(attendance, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _("The attendance was saved."))
            return redirect(attendance.course)
    status = 422 if request.method == "POST" else 200
    return render(request, "volunteers/attendance/form.html", {"form": form, "attendance": attendance}, status=status)


@require_POST
@right_required(Right.KEEP_TRAINING)
def attendance_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away what was recorded by mistake."""
    attendance = _attendance(request, pk)
    domain.remove_attendance(attendance, by=request.user)
    messages.success(request, _("The attendance of %(name)s was taken away.") % {"name": attendance.volunteer.name})
    return redirect(attendance.course)


@require_POST
@right_required(Right.KEEP_TRAINING)
def open_name_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle an open name: it is no volunteer's."""
    found = get_object_or_404(OpenName.objects.visible_to(request.user).select_related("course"), pk=pk)
    domain.dismiss_open_name(found, by=request.user)
    messages.success(request, _("“%(line)s” was left out.") % {"line": found.line})
    return redirect(found.course)


def _attendance(request: HttpRequest, pk: int) -> Attendance:
    attendances = Attendance.objects.visible_to(request.user).select_related("course", "volunteer")
    return get_object_or_404(attendances, pk=pk)


def _open_text(request: HttpRequest, course: Course) -> str:
    """Return the names that are still open, to be looked at once more with what was put right since."""
    return "\n".join(course.open_names.visible_to(request.user).values_list("line", flat=True))


def _choices(request: HttpRequest) -> dict[int, str]:
    """Return whom the person chose for which line."""
    return {
        place: value
        for name, value in request.POST.items()
        if name.startswith(CHOICE) and (place := key_of(name.removeprefix(CHOICE))) is not None
    }


def _ask(request: HttpRequest, course: Course, form: RollForm, *, status: int = 200) -> HttpResponse:
    is_open = course.state != Course.State.CANCELLED and course.has_begun
    context = {"course": course, "form": form, "is_open": is_open}
    return render(request, "volunteers/roll/ask.html", context, status=status)


def _preview(
    request: HttpRequest,
    course: Course,
    lines: list[Line],
    default: str,
    choices: dict[int, str],
    *,
    problem: str = "",
) -> HttpResponse:
    matches = match(course, lines, default=default, by=request.user)
    states = [each.state for each in matches]
    context: dict[str, Any] = {
        "course": course,
        "rows": match_rows(matches, choices),
        "counts": [(label, states.count(state)) for state, label in match_badges().items() if state in states],
        "written": sum(state in ("new", "changed") for state in states),
        "open": sum(state in OPEN for state in states),
        "text": as_text(lines),
        "default": default,
        "seen": seen_hash(matches),
        "problem": problem,
    }
    return render(request, "volunteers/roll/preview.html", context, status=409 if problem else 200)


def _tell(request: HttpRequest, recorded: domain.Recorded) -> None:
    """Say what became of the list."""
    if recorded.new or recorded.changed:
        told = {"new": recorded.new, "changed": recorded.changed}
        messages.success(request, _("Recorded: %(new)s new, %(changed)s with a new result.") % told)
    else:
        messages.info(request, _("Nothing changed: everybody found is recorded already."))
    if recorded.open:
        text = ngettext(
            "%(count)s name is still open. It is kept below until it is settled.",
            "%(count)s names are still open. They are kept below until they are settled.",
            recorded.open,
        )
        messages.warning(request, text % {"count": recorded.open})
