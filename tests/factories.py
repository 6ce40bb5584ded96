"""Makers of records for tests: plain functions with sensible values, each of which a test may name."""

from itertools import count
from typing import Any

from accounts.models import User
from accounts.rights import Role
from areas.models import Township, Village

_number = count(1)

# --- areas ------------------------------------------------------------------------------------------


def make_township(**fields: Any) -> Township:
    """Make a township with a code of its own."""
    number = next(_number)
    fields.setdefault("code", f"{330_000_000 + number}")
    fields.setdefault("name", f"第{number}镇")
    fields.setdefault("kind", Township.Kind.TOWN)
    return Township.objects.create(**fields)


def make_village(**fields: Any) -> Village:
    """Make a village, in a township of its own unless one is given."""
    number = next(_number)
    fields.setdefault("code", f"{330_000_000_000 + number}")
    fields.setdefault("name", f"第{number}村")
    if "township" not in fields:
        fields["township"] = make_township()
    return Village.objects.create(**fields)


# --- accounts ---------------------------------------------------------------------------------------

PASSWORD = "shan-qing-shui-xiu"


def make_user(role: Role = Role.TOWNSHIP_STAFF, **fields: Any) -> User:
    """Make a user with ``PASSWORD``; staff and team leaders get a township of their own unless one is given."""
    number = next(_number)
    fields.setdefault("username", f"{role}{number}")
    fields.setdefault("name", f"用户{number}")
    fields.setdefault("password", PASSWORD)
    if "township" not in fields and role in (Role.TOWNSHIP_STAFF, Role.TEAM_LEADER):
        fields["township"] = make_township()
    return User.objects.create_user(role=role, **fields)
