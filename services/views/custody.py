"""Things in custody: the list of what is out, taking, submitting, returning and voiding one, and the slip."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.lists import list_page
from common.pdf import pdf_response
from common.rules import RuleBroken
from grids.views.pages import form_page, posted, press
from services.custody_filters import CustodyFilter
from services.custody_paper import slip_pdf
from services.custody_rows import LIST_FIELDS, custody_rows
from services.domain import custody as domain
from services.exports import CUSTODY
from services.forms.custody import ReturnForm, SubmitForm, TakeForm, VoidForm
from services.models import CustodyItem, HelpRequest


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_REQUESTS)
def custody_list(request: HttpRequest) -> HttpResponse:
    """List what is out, the longest first."""
    return list_page(
        request,
        queryset=CustodyItem.objects.visible_to(request.user),
        filterset_class=CustodyFilter,
        ordering=("received_at", "id"),
        columns=LIST_FIELDS,
        rows=custody_rows,
        template="services/custody/list.html",
        export=CUSTODY,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_CUSTODY)
def custody_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down what was handed over for the request ``pk``."""
    asked = get_object_or_404(HelpRequest.objects.visible_to(request.user).select_related("team"), pk=pk)
    return form_page(
        request,
        TakeForm(posted(request), asked=asked, user=request.user),
        act=lambda entered: domain.take_item(asked, **entered, by=request.user),
        title=_("Take into custody"),
        lead=_("Count and look at everything together, then print the slip: both sides keep a signed half."),
        submit=_("Take down"),
        done=_("Taken down. Print the slip and sign it together."),
        back=f"{asked.get_absolute_url()}#custody",
        up=asked.caller,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_CUSTODY)
def custody_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down to which office a thing went."""
    item = _item(request, pk)
    return form_page(
        request,
        SubmitForm(posted(request), item=item),
        act=lambda entered: domain.submit_item(item, **entered, by=request.user),
        title=_("Submitted to an office"),
        lead=item.named,
        submit=_("Save"),
        done=_("It is noted where it lies now."),
        back=item.get_absolute_url(),
        up=item.request.caller,
        current_version=lambda: _version(item),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_CUSTODY)
def custody_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down that a thing is with its owner again: to whom, when, by whom."""
    item = _item(request, pk)
    return form_page(
        request,
        ReturnForm(posted(request), item=item, user=request.user),
        act=lambda entered: domain.return_item(item, **entered, by=request.user),
        title=pgettext("custody", "Returned"),
        lead=item.named,
        submit=_("Save"),
        done=_("Noted as returned."),
        back=item.get_absolute_url(),
        up=item.request.caller,
        current_version=lambda: _version(item),
    )


@require_POST
@right_required(Right.KEEP_CUSTODY)
def custody_hand_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down in one tap that whoever handed it over has it again, now."""
    item = _item(request, pk)
    return press(
        request,
        lambda: domain.return_item(item, by=request.user),
        back=item.get_absolute_url(),
        done=_("%(thing)s: returned to %(name)s.") % {"thing": item.named, "name": item.from_whom},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_CUSTODY)
def custody_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that an entry is a mistake."""
    item = _item(request, pk)
    return form_page(
        request,
        VoidForm(posted(request), item=item),
        act=lambda entered: domain.void_item(item, **entered, by=request.user),
        title=_("Void a mistaken entry"),
        lead=item.named,
        submit=_("Void it"),
        done=_("The entry is void. It stays, struck through."),
        back=item.get_absolute_url(),
        up=item.request.caller,
        current_version=lambda: _version(item),
    )


@require_POST
@right_required(Right.KEEP_CUSTODY)
def custody_slip(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the slip of the request ``pk`` as a PDF; who printed it is recorded."""
    asked = get_object_or_404(
        HelpRequest.objects.visible_to(request.user).select_related("team", "township", "village"), pk=pk
    )
    try:
        items = domain.print_custody_slip(asked, by=request.user)
        pdf = slip_pdf(asked, items, request.build_absolute_uri("/").rstrip("/"))
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(f"{asked.get_absolute_url()}#custody")
    return pdf_response(pdf, f"代办物品收条{asked.pk}.pdf")


def _item(request: HttpRequest, pk: int) -> CustodyItem:
    items = CustodyItem.objects.visible_to(request.user).select_related("request__team")
    return get_object_or_404(items, pk=pk)


def _version(item: CustodyItem) -> int:
    return CustodyItem.objects.values_list("version", flat=True).get(pk=item.pk)
