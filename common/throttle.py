"""How often somebody without an account may try something: counted in the database, so that all processes agree.

Whoever tries is known by a keyed hash only, made with a new key for every window: it says whether two attempts of one
hour came from the same address, and nothing about anybody's yesterday. What is older than a day is deleted nightly.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.models import Attempts

KEPT_FOR = timedelta(days=1)
MOST_COUNTED = 1_000_000_000


@dataclass(frozen=True)
class Limit:
    """At most ``most`` attempts at ``scope`` within each ``window``, counted from the full hour (or day) on."""

    scope: str
    most: int
    window: timedelta = timedelta(hours=1)

    def take(self, who: str | None = "") -> bool:
        """Count one attempt of ``who`` (an address; nothing: everybody together); return whether it is allowed.

        It is counted before anything is tried: of many at the same moment, no more than ``most`` get through. An
        attempt that turned out to be harmless is given back (``give_back``). Not to be called inside a transaction
        that may be rolled back: the attempt would not have been counted.
        """
        begins = self._window()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO common_attempts (scope, who, begins, number) VALUES (%s, %s, %s, 1)"
                " ON CONFLICT (scope, who, begins) DO UPDATE"
                " SET number = CASE WHEN common_attempts.number < %s THEN common_attempts.number + 1"
                " ELSE common_attempts.number END RETURNING number",
                [
                    self.scope,
                    self._hash_of(who, begins),
                    connection.ops.adapt_datetimefield_value(begins),
                    MOST_COUNTED,
                ],
            )
            number: int = cursor.fetchone()[0]
        return number <= self.most

    def give_back(self, who: str | None = "") -> None:
        """Take the count of one attempt back: it was an honest one."""
        begins = self._window()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE common_attempts SET number = number - 1"
                " WHERE scope = %s AND who = %s AND begins = %s AND number > 0",
                [self.scope, self._hash_of(who, begins), connection.ops.adapt_datetimefield_value(begins)],
            )

    def is_spent(self, who: str | None = "") -> bool:
        """Whether a further attempt of ``who`` would be refused; counts nothing."""
        begins = self._window()
        attempts = Attempts.objects.filter(scope=self.scope, who=self._hash_of(who, begins), begins=begins)
        return attempts.filter(number__gte=self.most).exists()

    @property
    def over_at(self) -> datetime:
        """When the present window ends and the next one begins."""
        return self._window() + self.window

    def _window(self) -> datetime:
        seconds = int(self.window.total_seconds())
        now = int(timezone.now().timestamp())
        return datetime.fromtimestamp(now - now % seconds, tz=UTC)

    def _hash_of(self, who: str | None, begins: datetime) -> str:
        salt = f"common.throttle:{self.scope}:{int(begins.timestamp())}"
        return salted_hmac(salt, who or "", secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()


def forget_attempts() -> int:
    """Delete what is older than a day; return how many counters that were."""
    return Attempts.objects.filter(begins__lt=timezone.now() - KEPT_FOR).delete()[0]
