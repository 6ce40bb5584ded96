"""Where the apps above join in when a volunteer changes, without volunteers knowing of them.

Teams have a say in what becomes of a member (``grids.domain.departure``). Receivers run inside the transaction of
the change; a ``RuleBroken`` that they raise refuses the whole change.
"""

from django.dispatch import Signal

# Sent with ``volunteer`` (not yet locked) before its row is locked: receivers lock what comes first in the lock order.
volunteer_changing = Signal()

# The same for many who are changed in one transaction: ``volunteers`` are their keys.
volunteers_changing = Signal()

# Sent with ``before`` and ``volunteer`` (saved) and ``by``: receivers check their rules and follow the change; a
# sentence that one returns tells the person what followed from it.
volunteer_changed = Signal()

# Sent with ``kept`` and ``given_up`` (both locked) before two records become one person: receivers may refuse.
records_merging = Signal()

# Sent with the ``merge`` before it is undone: receivers refuse where something was built on it.
merge_undoing = Signal()

# Sent before the rows of volunteers are locked for a merge or its undoing: receivers lock what comes first.
persons_changing = Signal()
