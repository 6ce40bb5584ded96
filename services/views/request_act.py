"""What is done with a request from its page: each act of ``services.request_acts`` has its address and its right."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.rights import right_required
from common.rules import RuleBroken
from services.models import HelpRequest
from services.request_acts import ACTS, Act
from services.views.request import asked_by, detail_page, look_again
from services.views.request_gone import View, tell_who_has_it


def _view_of(act: Act) -> View:
    """Make the view that takes the form of an act; what is wrong comes back on the page, the form open."""

    @require_POST
    @right_required(act.right)
    @tell_who_has_it
    def act_on(request: HttpRequest, pk: int) -> HttpResponse:
        asked = asked_by(request.user, pk)
        form = act.form_for(asked, request.POST)
        if form.is_valid():
            try:
                act.event(asked, **form.cleaned_data, by=request.user)
            except RuleBroken as broken:
                look_again(asked, request.user)
                form.add_rule(broken, current_version=asked.version)
                if not act.is_there(asked, request.user):  # the page no longer shows the form
                    messages.error(request, broken.message)
            else:
                messages.success(request, str(act.done))
                return redirect(_where(request, asked))
        return detail_page(request, asked, sent=(act.name, form), status=422)

    return act_on


def _where(request: HttpRequest, asked: HelpRequest) -> str | HelpRequest:
    """Lead back to the request, or to the list where the reader sees it no more."""
    seen = HelpRequest.objects.visible_to(request.user).filter(pk=asked.pk)
    return asked if seen.exists() else "services:request_list"


request_hand = _view_of(ACTS["hand"])
request_locate = _view_of(ACTS["locate"])
request_transfer = _view_of(ACTS["transfer"])
request_back = _view_of(ACTS["back"])
request_refer = _view_of(ACTS["refer"])
request_answer = _view_of(ACTS["answer"])
request_fail = _view_of(ACTS["fail"])
request_withdraw = _view_of(ACTS["withdraw"])
request_urgency = _view_of(ACTS["urgency"])
request_sort = _view_of(ACTS["sort"])
request_word = _view_of(ACTS["word"])
