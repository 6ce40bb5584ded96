"""Who was invited to a course."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Township
from volunteers.models.attendance import Attendance
from volunteers.models.course import Course
from volunteers.models.volunteer import Volunteer


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the invitations of the township's people: of a city's course each township sees its own."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def with_coming(self) -> Self:
        """Offer whether the person's attendance is recorded as ``has_come``."""
        return self.annotate(has_come=_coming())

    def came(self) -> Self:
        """Keep those whose attendance is recorded."""
        return self.filter(_coming())

    def missing(self) -> Self:
        """Keep those whose attendance is not recorded."""
        return self.filter(~_coming())


def _coming() -> models.Exists:
    attendances = Attendance.objects.filter(course=models.OuterRef("course"), volunteer=models.OuterRef("volunteer"))
    return models.Exists(attendances)


class Invitation(models.Model):
    """One volunteer's place in a course; ``township`` is the volunteer's on the day of the invitation."""

    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="invitations")
    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="invitations"
    )
    township = models.ForeignKey(Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="+")
    invited_by = models.ForeignKey(User, verbose_name=_("invited by"), on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("invited"), default=timezone.now)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("course", "volunteer__name_pinyin", "id")
        constraints = [models.UniqueConstraint(name="invitation_once", fields=["course", "volunteer"])]

    def __str__(self) -> str:
        return f"{self.course} · {self.volunteer}"


auditlog.register(Invitation)
