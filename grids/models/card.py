"""服务联系卡: what was printed for a grid's households, and what of it was handed out (印制不等于发放)."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from areas.models import Township
from common.jobs import Work
from common.models import length_checks
from grids.models.grid import Grid
from grids.models.team import Team

# A grid has five thousand households at most; nobody needs more cards of it at once.
MOST_COPIES = 5_000
BATCH_LIMITS = {"fingerprint": 64, "left_out": 10, "lacking": 200}
HAND_OUT_LIMITS = {"received_by": 60, "handed_by": 40, "reason": 100}


class OfTownshipQuerySet(models.QuerySet):
    """Records that belong to the township in which they were made."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)


class CardPrint(Work):
    """Cards of some grids of a township, set in the background. The files go after some days, the record stays."""

    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="card_prints"
    )
    by = models.ForeignKey(User, verbose_name=_("printed by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("asked for"), default=timezone.now)
    is_settled = models.BooleanField(_("settled"), default=False, editable=False)

    objects = OfTownshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("print of contact cards")
        verbose_name_plural = _("prints of contact cards")
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["-at", "-id"], name="card_print_latest"),
            models.Index(fields=["township", "-at", "-id"], name="card_print_in_township"),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        """Return the address of the page on which the result waits."""
        return reverse("grids:card_print_detail", args=[self.pk])


class CardFile(models.Model):
    """One PDF of a print: the cards of some of its grids. ``name`` is empty once the file was deleted."""

    print = models.ForeignKey(CardPrint, on_delete=models.CASCADE, related_name="files")
    part = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=32, blank=True, editable=False)
    cards = models.PositiveIntegerField()
    first = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="+", db_index=False)
    last = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("file of contact cards")
        verbose_name_plural = _("files of contact cards")
        ordering = ("part",)
        constraints = [
            models.UniqueConstraint(name="card_file_part_once", fields=["print", "part"]),
            *length_checks("card_file", {"name": 32}),
        ]

    def __str__(self) -> str:
        return f"{self.print_id} · {self.part}"


class CardBatchQuerySet(OfTownshipQuerySet):
    """Batches, the latest first."""

    def printed(self) -> Self:
        """Keep those that are in a file: what is waiting or was left out is none."""
        return self.filter(printed_on__isnull=False)

    def with_cards_left(self) -> Self:
        """Keep the printed ones of which not every card has been handed out."""
        return self.printed().filter(handed_out__lt=F("copies"))


class CardBatch(models.Model):
    """The cards of one grid in one print: how many, with what on them, and how many were handed out.

    ``content`` holds what was on the card so that a page can say what has changed since: words about the place as they
    are, and of every member only digests.
    """

    class LeftOut(models.TextChoices):
        """Why a grid's cards are not in the file."""

        NO_TEAM = "no_team", _("No active team serves the grid")
        NO_NUMBER = (
            "no_number",
            _("There is nobody to call: no member agreed to name and phone, and there is no hotline"),
        )
        GLYPHS = "glyphs", _("The printing font lacks a character")

    print = models.ForeignKey(CardPrint, on_delete=models.PROTECT, related_name="batches")
    grid = models.ForeignKey(Grid, verbose_name=_("grid"), on_delete=models.PROTECT, related_name="card_batches")
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, on_delete=models.PROTECT, related_name="+")
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="card_batches"
    )
    printed_on = models.DateField(pgettext_lazy("cards", "printed"), null=True)
    copies = models.PositiveIntegerField(_("cards"))
    handed_out = models.PositiveIntegerField(_("handed out"), default=0, editable=False)
    fingerprint = models.CharField(max_length=BATCH_LIMITS["fingerprint"], blank=True, editable=False)
    content = models.JSONField(default=dict, editable=False)
    left_out = models.CharField(max_length=BATCH_LIMITS["left_out"], choices=LeftOut, blank=True)
    # Who or what has the characters that the font lacks, as the page names them.
    lacking = models.CharField(max_length=BATCH_LIMITS["lacking"], blank=True)

    objects = CardBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of contact cards")
        verbose_name_plural = _("batches of contact cards")
        ordering = ("-printed_on", "-id")
        indexes = [
            models.Index(fields=["-printed_on", "-id"], name="card_batch_latest"),
            models.Index(fields=["township", "-printed_on", "-id"], name="card_batch_in_township"),
            models.Index(fields=["grid", "-printed_on", "-id"], name="card_batch_of_grid"),
        ]
        constraints = [
            models.UniqueConstraint(name="card_batch_once", fields=["print", "grid"]),
            models.CheckConstraint(name="card_batch_copies", condition=Q(copies__range=(1, MOST_COPIES))),
            models.CheckConstraint(name="card_batch_no_more_than_printed", condition=Q(handed_out__lte=F("copies"))),
            models.CheckConstraint(
                name="card_batch_printed_has_content",
                condition=Q(printed_on__isnull=True, fingerprint="", handed_out=0)
                | (Q(printed_on__isnull=False, team__isnull=False, left_out="") & ~Q(fingerprint="")),
            ),
            models.CheckConstraint(
                name="card_batch_reason_known",
                condition=Q(left_out__in=["", "no_team", "no_number", "glyphs"]),
            ),
            *length_checks("card_batch", BATCH_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.grid} · {self.copies}"

    def get_absolute_url(self) -> str:
        """Return the address of the batch's page."""
        return reverse("grids:card_batch_detail", args=[self.pk])

    @property
    def remaining(self) -> int:
        """How many of the cards lie in the office."""
        return self.copies - self.handed_out


class HandOutQuerySet(OfTownshipQuerySet):
    """Hand-outs, the latest first."""

    def standing(self) -> Self:
        """Keep those that were not taken back: what they count is the cards issued."""
        return self.filter(taken_back_at__isnull=True)


class HandOut(models.Model):
    """Cards of one batch that were handed out on one day. A mistake is taken back; the row stays."""

    batch = models.ForeignKey(CardBatch, on_delete=models.PROTECT, related_name="hand_outs")
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="card_hand_outs"
    )
    on = models.DateField(_("day"))
    count = models.PositiveIntegerField(_("cards"))
    received_by = models.CharField(_("to whom"), max_length=HAND_OUT_LIMITS["received_by"], blank=True)
    handed_by = models.CharField(_("by whom"), max_length=HAND_OUT_LIMITS["handed_by"], blank=True)
    key = models.UUIDField(editable=False)
    by = models.ForeignKey(User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("recorded"), default=timezone.now)
    taken_back_at = models.DateTimeField(_("taken back"), null=True, editable=False)
    taken_back_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    reason = models.CharField(_("reason"), max_length=HAND_OUT_LIMITS["reason"], blank=True)

    objects = HandOutQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-out of contact cards")
        verbose_name_plural = _("hand-outs of contact cards")
        ordering = ("-on", "-id")
        indexes = [
            models.Index(fields=["-on", "-id"], name="hand_out_latest"),
            models.Index(fields=["township", "-on", "-id"], name="hand_out_in_township"),
        ]
        constraints = [
            models.UniqueConstraint(name="hand_out_once", fields=["batch", "key"]),
            models.CheckConstraint(name="hand_out_of_something", condition=Q(count__range=(1, MOST_COPIES))),
            models.CheckConstraint(
                name="hand_out_taken_back_has_reason",
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True, reason="")
                | (Q(taken_back_at__isnull=False, taken_back_by__isnull=False) & ~Q(reason="")),
            ),
            *length_checks("hand_out", HAND_OUT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} · {self.count}"


_WORK = ["work_state", "work_done", "work_total", "work_beat_at", "work_attempts", "work_reference"]
auditlog.register(CardPrint, exclude_fields=[*_WORK, "is_settled"])
auditlog.register(CardFile, exclude_fields=["name"])
auditlog.register(CardBatch, exclude_fields=["content", "fingerprint", "lacking"])
auditlog.register(HandOut, mask_fields=["received_by", "handed_by"], exclude_fields=["key"])
