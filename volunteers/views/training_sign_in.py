"""The public page on which those who came to a course sign in with their own phones."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.addresses import client_address, network_of
from common.public import public_page
from common.rules import RuleBroken
from common.throttle import Limit
from volunteers.domain.attendance import sign_in_at_course
from volunteers.forms.attendance import SignInForm
from volunteers.models import Attendance, Course
from volunteers.training_rows import days_of

# A classroom shares one line: wrong tries only are counted, and those of one number apart.
FROM_ONE_LINE = Limit("training sign-in", most=60)
FOR_ONE_NUMBER = Limit("training sign-in, number", most=6)
AT_ONE_COURSE = Limit("training sign-in, course", most=400)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the number on the badge and the end of the phone, on the days of the course."""
    course = get_object_or_404(Course.objects.select_related("township"), code=code)
    if request.method != "POST":
        return _page(request, course, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, course, form, status=422)
    number, who = form.cleaned_data["number"], network_of(client_address(request))
    # All are counted, whichever is spent.
    allowed = [FROM_ONE_LINE.take(who), FOR_ONE_NUMBER.take(number), AT_ONE_COURSE.take(code)]
    if not all(allowed):
        until = date_format(timezone.localtime(FROM_ONE_LINE.over_at), "TIME_FORMAT")
        text = _("Too many wrong tries. Try again after %(time)s, or sign the paper list.") % {"time": until}
        form.add_error(None, text)
        return _page(request, course, form, status=429)
    try:
        attendance, is_new = sign_in_at_course(course, **form.cleaned_data)
    except RuleBroken as broken:
        form.add_rule(broken)
        if broken.code != "wrong":
            _give_back(who, number, code)
        return _page(request, course, form, status=422)
    _give_back(who, number, code)
    return _page(request, course, form, attendance=attendance, is_new=is_new)


def _give_back(who: str, number: str, code: str) -> None:
    FROM_ONE_LINE.give_back(who)
    FOR_ONE_NUMBER.give_back(number)
    AT_ONE_COURSE.give_back(code)


def _page(
    request: HttpRequest,
    course: Course,
    form: SignInForm,
    *,
    attendance: Attendance | None = None,
    is_new: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "course": course,
        "days": days_of(course),
        "form": form,
        "is_open": course.takes_sign_ins,
        "is_over": course.ends_on < timezone.localdate(),
        "attendance": attendance,
        "is_new": is_new,
        "number": form.cleaned_data["number"] if attendance else "",
        "at": date_format(timezone.localtime(attendance.recorded_at), "TIME_FORMAT") if attendance else "",
    }
    return render(request, "volunteers/training/sign_in.html", context, status=status)
