"""One's own account: the address for reminders."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain.user import edit_own_account
from accounts.forms.account import OwnAccountForm


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Let people say where reminders go, or that none shall be sent."""
    first = {name: getattr(request.user, name) for name in ("email", "email_reminders", "language")}
    form = OwnAccountForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_valid():
        edit_own_account(request.user, **form.cleaned_data, by=request.user)
        messages.success(request, _("Your settings were saved."))
        return redirect("accounts:account")
    return render(request, "accounts/account.html", {"form": form}, status=422 if form.is_bound else 200)
