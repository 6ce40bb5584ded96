"""A person with an account."""

from typing import Any, Self

from auditlog.registry import auditlog
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.duties import off_sentence
from accounts.rights import CITY_LEVEL_ONLY, DUTY_OF, ROLES_WITH, Right, Role, refusal
from areas.models import Township, TownshipSettings
from areas.models.settings import Holding
from common.models import length_checks

CITY_ROLES = (Role.ADMIN, Role.AUDITOR)
TOWNSHIP_ROLES = (Role.TOWNSHIP_STAFF, Role.TEAM_LEADER)


class UserQuerySet(models.QuerySet["User"]):
    """Users, narrowed to whom the reader may know of."""

    def visible_to(self, user: "User") -> Self:
        """Admins and auditors see all accounts, everybody else only the own one."""
        return self if user.may(Right.VIEW_ADMIN_SITE) else self.filter(pk=user.pk)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users with hashed passwords."""

    def get(self, *args: Any, **kwargs: Any) -> "User":
        """Return one user with their township: a session's user is loaded by this, and each page asks where it is."""
        return self.select_related("township").get(*args, **kwargs)

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password nobody can sign in as them."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator (``manage.py createsuperuser``)."""
        return self.create_user(username, password, role=Role.ADMIN, **fields)


class User(AbstractBaseUser):
    """Somebody who signs in: a role, and the township that it is for."""

    username = models.CharField(
        _("user name"),
        max_length=40,
        unique=True,
        validators=[ASCIIUsernameValidator()],
        help_text=_("Latin letters, digits and @ . + - _"),
        error_messages={"unique": _("A user with this name exists already.")},
    )
    name = models.CharField(pgettext_lazy("person", "name"), max_length=40)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    township = models.ForeignKey(
        Township,
        verbose_name=_("township"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text=_("Empty for the city level."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    email = models.EmailField(_("e-mail"), blank=True, default="", help_text=_("For reminders; may be left empty."))
    email_reminders = models.BooleanField(_("reminders by e-mail"), default=True)
    language = models.CharField(_("language of e-mails"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    must_change_password = models.BooleanField(_("must change the password at the next sign-in"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("username",)
        constraints = [
            models.CheckConstraint(name="user_role_known", condition=models.Q(role__in=Role.values)),
            models.CheckConstraint(
                name="user_township_fits_role",
                condition=models.Q(role__in=CITY_ROLES, township__isnull=True)
                | models.Q(role__in=TOWNSHIP_ROLES, township__isnull=False)
                | models.Q(role=Role.REVIEWER),
                violation_error_message=_(
                    "Township staff and team leaders belong to a township; administrators and auditors to none."
                ),
            ),
            *length_checks("user", {"username": 40, "name": 40, "email": 254, "language": 10}),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_city_wide(self) -> bool:
        """Whether the account is for the whole city."""
        return self.township_id is None

    @property
    def township_ids(self) -> tuple[int, ...]:
        """The keys of the own township and of those merged into it: the records that the account reaches."""
        return () if self.township is None else self.township.reach

    @property
    def chooses_township(self) -> bool:
        """Whether there are several townships to choose among: the city's, or the own one and those merged into it."""
        return self.is_city_wide or len(self.township_ids) > 1

    @property
    def is_staff(self) -> bool:
        """Whether the admin site opens (Django's name for it)."""
        return self.may(Right.VIEW_ADMIN_SITE)

    def may(self, right: Right) -> bool:
        """Whether the rights table gives this user ``right``, and the own township has the duty that it belongs to."""
        return (
            self.is_active
            and self.role in ROLES_WITH[right]
            and (self.is_city_wide or right not in CITY_LEVEL_ONLY)
            and (right not in DUTY_OF or self.has_duty(DUTY_OF[right]))
        )

    def has_duty(self, duty: str) -> bool:
        """Whether the own township has the duty (``areas.models.settings.DUTIES``); the city level has all."""
        return self.township_id is None or bool(getattr(self._holding, duty))

    @cached_property
    def _holding(self) -> Holding:
        return TownshipSettings.of(self.township_id)  # type: ignore[arg-type]  # asked of townships only

    def refusal(self, right: Right) -> str:
        """Say who can do what this user may not, or who can turn the duty on."""
        if right in DUTY_OF and self.role in ROLES_WITH[right] and not self.has_duty(DUTY_OF[right]):
            return off_sentence(DUTY_OF[right])
        return refusal(right)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Answer Django's admin: admins may do all there, auditors only look."""
        action = perm.rpartition(".")[2].partition("_")[0]
        return self.may(Right.VIEW_ADMIN_SITE if action == "view" else Right.CHANGE_ADMIN_SITE)

    def has_module_perms(self, app_label: str) -> bool:
        """Answer Django's admin whether an app appears there."""
        return self.may(Right.VIEW_ADMIN_SITE)


auditlog.register(User, mask_fields=["password", "email"], exclude_fields=["last_login"])
