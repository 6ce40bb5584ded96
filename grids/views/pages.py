"""What the pages of grids and teams share: a form that runs one event, and a button that runs one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from common.rules import RuleBroken


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form was sent with, even if it is nothing; None while it is only asked for."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest,
    form: Form,
    *,
    act: Callable[[dict[str, Any]], Any],
    title: str,
    submit: str,
    back: str,
    up: str,
    done: str = "",
    template: str = "grids/form.html",
    current_version: Callable[[], int] | None = None,
    **context: Any,
) -> HttpResponse:
    """Show ``form``; when sent, run ``act`` with its clean values and lead on.

    It leads to the page of the record that ``act`` returns, if it has one, or ``back``: the address of the page above,
    which is called ``up``.
    What is wrong, the rules that ``act`` found broken included, comes back on the filled form (422).
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                result = act(form.cleaned_data)
            except RuleBroken as broken:
                form.add_rule(broken, current_version=current_version() if current_version else None)
            else:
                if done:
                    messages.success(request, done)
                return redirect(result if hasattr(result, "get_absolute_url") else back)
    context |= {"form": form, "title": title, "submit": submit, "back": back, "up": up}
    return render(request, template, context, status=status)


def press(request: HttpRequest, act: Callable[[], Any], *, back: Any, done: str) -> HttpResponse:
    """Run the event of a button and lead back, with a message of what was done or of the rule that refuses it."""
    try:
        act()
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, done)
    return redirect(back)
