"""联系渠道: how residents reach a township: hotlines, QQ and WeChat groups, forums."""

from typing import TYPE_CHECKING, Self

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from areas.models.township import Township
from common.models import Versioned, length_checks

if TYPE_CHECKING:
    from accounts.models import User

TEXT_LIMITS = {"label": 40, "number": 120, "hours": 60, "keeper": 40, "keeper_phone": 30}


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Channels, township by township, in the order that each has given its own."""

    def visible_to(self, user: "User") -> Self:
        """Narrow to the user's own township; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def active(self) -> Self:
        """Keep those that residents are shown."""
        return self.filter(is_active=True)

    def of_kind(self, kind: str) -> Self:
        """Keep one kind of channels."""
        return self.filter(kind=kind)


class Channel(Versioned):
    """One way of reaching a township, shown to everybody while it is active; its keeper is for the offices only."""

    class Kind(models.TextChoices):
        """What it is."""

        HOTLINE = "hotline", _("Hotline")
        QQ = "qq", _("QQ group")
        WECHAT = "wechat", _("WeChat group")
        FORUM = "forum", _("Forum")

    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="channels"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    label = models.CharField(_("what it is called"), max_length=TEXT_LIMITS["label"])
    number = models.CharField(
        _("number or address"),
        max_length=TEXT_LIMITS["number"],
        help_text=_("A hotline's number, a QQ group's number, a WeChat group's name, a forum's address."),
    )
    hours = models.CharField(_("hours"), max_length=TEXT_LIMITS["hours"], blank=True)
    keeper = models.CharField(_("keeper"), max_length=TEXT_LIMITS["keeper"], blank=True)
    keeper_phone = models.CharField(_("keeper's office phone"), max_length=TEXT_LIMITS["keeper_phone"], blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=1)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ("township__code", "order", "id")
        indexes = [models.Index(fields=["township", "order", "id"], name="channel_in_township")]
        constraints = [
            # What was retired may have the number of another one: a township that is merged brings its own 12345 along.
            models.UniqueConstraint(
                name="channel_number_once",
                fields=["township", "number"],
                condition=models.Q(is_active=True),
                violation_error_message=_("The township has a channel with this number already."),
            ),
            models.CheckConstraint(
                name="channel_kind_known", condition=models.Q(kind__in=["hotline", "qq", "wechat", "forum"])
            ),
            models.CheckConstraint(name="channel_has_label", condition=~models.Q(label="")),
            models.CheckConstraint(name="channel_has_number", condition=~models.Q(number="")),
            *length_checks("channel", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def href(self) -> str:
        """The link that calls the hotline or opens the forum; empty for groups, which are joined in their own app."""
        if self.kind == self.Kind.HOTLINE:
            number, *extension = self.number.split("转")
            return "tel:" + ",".join([number.replace("-", ""), *extension])
        return self.number if self.kind == self.Kind.FORUM else ""


def hotline_of(township_id: int) -> Channel | None:
    """Return the first active hotline of the township, or None."""
    return (
        Channel.objects.active()
        .of_kind(Channel.Kind.HOTLINE)
        .filter(township=township_id)
        .order_by("order", "id")
        .first()
    )


auditlog.register(Channel, mask_fields=["keeper", "keeper_phone"], exclude_fields=["version"])
