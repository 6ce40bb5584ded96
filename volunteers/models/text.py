"""报名条件、服务标准、工作守则: what the programme asks of volunteers, version by version, and who accepted which."""

from collections.abc import Collection
from datetime import date
from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Right
from common.models import Versioned, length_checks
from common.wording import in_words
from volunteers.models.volunteer import Volunteer

TEXT_LIMITS = {"kind": 12, "title": 60, "title_en": 80, "body": 20_000, "changes": 500}


class ProgrammeTextQuerySet(models.QuerySet["ProgrammeText"]):
    """Texts, kind by kind, the latest version first."""

    def visible_to(self, user: User) -> Self:
        """Show drafts only to those who keep or audit them; what is published is public."""
        return self if user.may(Right.VIEW_DRAFT_TEXTS) else self.published()

    def published(self) -> Self:
        """Keep the versions that people may read and accept."""
        return self.filter(published_at__isnull=False)

    def drafts(self) -> Self:
        """Keep what is still being written: at most one of a kind."""
        return self.filter(published_at__isnull=True)


class ProgrammeText(Versioned):
    """One version of one of the three texts: a draft that may change, or published and then as it is for good.

    The version in force on a day is the published one with the latest ``in_force_from`` up to it.
    """

    class Kind(models.TextChoices):
        """The three texts, in the order in which they are shown."""

        CONDITIONS = "conditions", _("Conditions for joining")
        STANDARDS = "standards", _("Service standards")
        CONDUCT = "conduct", _("Code of conduct")

    kind = models.CharField(_("kind"), max_length=TEXT_LIMITS["kind"], choices=Kind)
    number = models.PositiveSmallIntegerField(_("version number"))
    title = models.CharField(_("title (Chinese)"), max_length=TEXT_LIMITS["title"])
    title_en = models.CharField(_("title (English)"), max_length=TEXT_LIMITS["title_en"], blank=True)
    body = models.TextField(_("text"), max_length=TEXT_LIMITS["body"])
    changes = models.CharField(_("what changed"), max_length=TEXT_LIMITS["changes"], blank=True)
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    published_by = models.ForeignKey(
        User, verbose_name=_("published by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    objects = ProgrammeTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme text")
        verbose_name_plural = _("programme texts")
        ordering = ("kind", "-number")
        constraints = [
            models.UniqueConstraint(name="text_version_once", fields=["kind", "number"]),
            models.UniqueConstraint(name="text_begins_alone", fields=["kind", "in_force_from"]),
            models.UniqueConstraint(
                name="text_one_draft", fields=["kind"], condition=models.Q(published_at__isnull=True)
            ),
            models.CheckConstraint(
                name="text_kind_known", condition=models.Q(kind__in=["conditions", "standards", "conduct"])
            ),
            models.CheckConstraint(name="text_numbered_from_one", condition=models.Q(number__gte=1)),
            models.CheckConstraint(name="text_has_words", condition=~models.Q(title="") & ~models.Q(body="")),
            models.CheckConstraint(
                name="text_published_whole",
                condition=models.Q(published_at__isnull=True, published_by__isnull=True, in_force_from__isnull=True)
                | models.Q(published_at__isnull=False, published_by__isnull=False, in_force_from__isnull=False),
            ),
            models.CheckConstraint(
                name="text_later_says_changes",
                condition=models.Q(published_at__isnull=True) | models.Q(number=1) | ~models.Q(changes=""),
            ),
            *length_checks("text", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    def get_absolute_url(self) -> str:
        """Return the address that is open to everybody once the version is published."""
        return reverse("texts:version", args=[f"{self.kind}-{self.number}"])

    @property
    def name(self) -> str:
        """The title in the reader's language."""
        return in_words(self.title, self.title_en or str(self.Kind(self.kind).label))

    @property
    def is_draft(self) -> bool:
        """Whether it may still change."""
        return self.published_at is None

    @property
    def public_since(self) -> date | None:
        """The day on which it was published."""
        return timezone.localtime(self.published_at).date() if self.published_at else None


class AcceptanceQuerySet(models.QuerySet["Acceptance"]):
    """Acceptances, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Keep those of the volunteers that the user sees."""
        return self.filter(volunteer__in=Volunteer.objects.visible_to(user))

    def standing(self) -> Self:
        """Keep those that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)

    def of_texts(self, texts: Collection[ProgrammeText]) -> Self:
        """Keep those of the versions ``texts``."""
        return self.filter(text__in=[text.pk for text in texts])


class Acceptance(models.Model):
    """A volunteer has read one version and agreed to it; what was entered from paper by mistake is taken back."""

    class How(models.TextChoices):
        """Where the volunteer said so."""

        APPLICATION = "application", _("With the application")
        PAPER = "paper", _("On paper")
        ACCOUNT = "account", _("In their account")

    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="acceptances"
    )
    text = models.ForeignKey(
        ProgrammeText, verbose_name=_("text"), on_delete=models.PROTECT, related_name="acceptances"
    )
    accepted_on = models.DateField(_("accepted on"))
    how = models.CharField(_("how"), max_length=12, choices=How)
    entered_by = models.ForeignKey(
        User, verbose_name=_("entered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    withdrawn_by = models.ForeignKey(
        User, verbose_name=_("taken back by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = AcceptanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        ordering = ("-accepted_on", "-id")
        constraints = [
            models.UniqueConstraint(
                name="acceptance_once", fields=["volunteer", "text"], condition=models.Q(withdrawn_at__isnull=True)
            ),
            models.CheckConstraint(
                name="acceptance_how_known", condition=models.Q(how__in=["application", "paper", "account"])
            ),
            models.CheckConstraint(
                name="acceptance_entered_by_somebody",
                condition=models.Q(how="application") | models.Q(entered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="acceptance_only_paper_taken_back",
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, how="paper"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer} · {self.text}"


auditlog.register(ProgrammeText, exclude_fields=["version"])
auditlog.register(Acceptance)
