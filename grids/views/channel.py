"""The channels of townships: listed, added, changed, put in order, retired and taken up again."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from areas.models import Channel
from common.clean import key_of
from common.lists import list_page
from grids.channel_filters import ChannelFilter
from grids.channels import ranked, rows_for
from grids.domain.channel import activate_channel, add_channel, edit_channel, move_channel, retire_channel
from grids.exports import CHANNELS, KEPT_CHANNELS
from grids.forms.channel import ChannelForm
from grids.views.pages import form_page, posted, press


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TEAMS)
def channel_list(request: HttpRequest) -> HttpResponseBase:
    """List the channels of the reader's township, or of all: hotlines, groups and forums in their order."""
    keeps = request.user.may(Right.KEEP_CHANNELS)
    chosen = request.GET.get("township", "")
    return list_page(
        request,
        queryset=ranked(Channel.objects.visible_to(request.user).select_related("township")),
        filterset_class=ChannelFilter,
        ordering=("township__code", "rank", "order", "id"),
        rows=rows_for(request.user),
        template="grids/channel/list.html",
        export=KEPT_CHANNELS if keeps else CHANNELS,
        context={
            "keeps": keeps,
            "is_city_wide": request.user.is_city_wide,
            "create_url": reverse("grids:channel_create") + (f"?{urlencode({'township': chosen})}" if chosen else ""),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_CHANNELS)
def channel_create(request: HttpRequest) -> HttpResponse:
    """Add a channel to the keeper's township, or to the one that the city level chooses."""
    first = {"township": key_of(request.GET.get("township", ""))}
    form = ChannelForm(posted(request), user=request.user, initial=first)
    return form_page(
        request,
        form,
        act=lambda values: add_channel(
            **({"township": request.user.township} | values),
            by=request.user,
        ),
        title=_("Add a channel"),
        submit=_("Add"),
        back=channels_address(first["township"] if request.user.is_city_wide else None),
        up=_("Channels"),
        done=_("The channel was added. Residents see it from now on."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_CHANNELS)
def channel_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a channel; its page retires it or takes it up again as well."""
    channel = _channel(request, pk)
    return form_page(
        request,
        ChannelForm(posted(request), user=request.user, channel=channel),
        act=lambda values: edit_channel(channel, **values, by=request.user),
        title=_("Change a channel"),
        submit=_("Save"),
        back=_back(request, channel),
        up=_("Channels"),
        done=_("The channel was saved."),
        template="grids/channel/form.html",
        current_version=lambda: Channel.objects.values_list("version", flat=True).get(pk=pk),
        channel=channel,
    )


@require_POST
@right_required(Right.KEEP_CHANNELS)
def channel_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a channel to residents no longer."""
    channel = _channel(request, pk)
    return press(
        request,
        lambda: retire_channel(channel, by=request.user),
        back=_back(request, channel),
        done=_("The channel was retired. Residents do not see it any more."),
    )


@require_POST
@right_required(Right.KEEP_CHANNELS)
def channel_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a retired channel up again."""
    channel = _channel(request, pk)
    return press(
        request,
        lambda: activate_channel(channel, by=request.user),
        back=_back(request, channel),
        done=_("The channel is shown again."),
    )


@require_POST
@right_required(Right.KEEP_CHANNELS)
def channel_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a channel change places with its neighbour: ``to`` is ``up`` or ``down``."""
    channel = _channel(request, pk)
    is_up = request.POST.get("to") == "up"
    return press(
        request,
        lambda: move_channel(channel, up=is_up, by=request.user),
        back=_back(request, channel),
        done=_("The order was changed: residents are shown the channels in this order."),
    )


def channels_address(township: int | None = None) -> str:
    """Return where the channels are listed, those of one township for the city level."""
    query = {"township": township} if township else {}
    return reverse("grids:channel_list") + (f"?{urlencode(query)}" if query else "")


def _back(request: HttpRequest, channel: Channel) -> str:
    return channels_address(channel.township_id if request.user.is_city_wide else None)


def _channel(request: HttpRequest, pk: int) -> Channel:
    return get_object_or_404(Channel.objects.visible_to(request.user).select_related("township"), pk=pk)
