"""What must hold in the database, each line one question that finds the rows that break it.

The constraints and triggers hold most of it already. This is for the night, after a restore and after an import: it
trusts none of them, and says in words what is broken and where. One file a concept; nearly all are plain SQL.
"""

from services.invariants.invariant import Invariant, invariants

__all__ = ["Invariant", "invariants"]
