"""What happens to accounts: opened, changed, closed, given a new password, unlocked."""

from datetime import timedelta

from axes.models import AccessAttempt
from axes.utils import reset as reset_attempts
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from accounts.rights import Role
from common.rules import RuleBroken, constraint_named


@event
def create_user(user: User, *, password: str, by: User) -> User:
    """Open an account with a first password, which the person changes at the first sign-in."""
    user.set_password(password)
    user.must_change_password = True
    with constraint_named("user_township_fits_role", _township_does_not_fit()):
        user.save(force_insert=True)
    return user


@event
def edit_user(user: User, *, by: User) -> User:
    """Save the changed name, role, township or activity of ``user``.

    Raises RuleBroken when nobody would be left to administer, or people would close their own account.
    """
    admins = set(_locked_admins())
    if user.pk == by.pk and not user.is_active:
        raise RuleBroken(_("You cannot close your own account. Another administrator can."), field="is_active")
    stays_admin = user.is_active and user.role == Role.ADMIN
    if not stays_admin and admins == {user.pk}:
        raise RuleBroken(_("This is the last administrator. Give somebody else the role first."), field="role")
    with constraint_named("user_township_fits_role", _township_does_not_fit()):
        user.save(update_fields=["username", "name", "role", "township", "is_active", "email"])
    return user


@event
def edit_own_account(user: User, *, email: str, email_reminders: bool, language: str, by: User) -> User:
    """Save where people want their reminders, whether by e-mail at all, and in which language."""
    user.email, user.email_reminders, user.language = email, email_reminders, language
    user.save(update_fields=["email", "email_reminders", "language"])
    return user


def locked_out_users() -> QuerySet[User]:
    """Return the accounts that are locked at the moment after repeated failed sign-ins."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    locked = AccessAttempt.objects.filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__gte=since
    )
    return User.objects.filter(username__in=locked.values("username"))


def _township_does_not_fit() -> RuleBroken:
    message = _("Township staff and team leaders belong to a township; administrators and auditors to none.")
    return RuleBroken(message, field="township")


def _locked_admins() -> list[int]:
    """Lock the administrators' rows in one order: two who close each other's accounts at once must wait."""
    admins = User.objects.select_for_update(no_key=True, of=("self",)).filter(role=Role.ADMIN, is_active=True)
    return [admin.pk for admin in admins.order_by("pk")]


@event
def change_password(user: User, *, password: str, by: User) -> None:
    """Set the password that people chose for themselves; all their other sessions end."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])


@event
def reset_password(user: User, *, password: str, by: User) -> None:
    """Set a new first password for somebody who forgot theirs: sessions end, a lock-out is lifted."""
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    reset_attempts(username=user.username)


@event
def unlock_user(user: User, *, by: User) -> int:
    """Lift the lock-out after failed sign-ins; return how many addresses had failed."""
    lifted = reset_attempts(username=user.username)
    record([user], AuditEntry.Action.ACCESS, changes={})
    return lifted
