"""Where the app above joins in when a team serves, without teams knowing of it.

Monthly reports are opened by it (``services.domain.month``). Receivers run inside the transaction of the change; a
``RuleBroken`` that they raise refuses the whole change.
"""

from django.dispatch import Signal

# Sent with ``team`` (locked) when it becomes active and when it ceases to be, before ``activated_on`` is taken away:
# it has been active from that day on, to the day ``until``.
team_was_active = Signal()
