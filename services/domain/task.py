"""What a task on a home page is: so many things that wait for a person, and where they are listed."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone


@dataclass(frozen=True)
class Task:
    """So many things that wait for a person: what they are, what to do, where they are listed, how urgent (tone)."""

    count: int
    text: str
    advice: str
    url: str
    icon: str
    tone: str = "info"


def listed(name: str, **query: object) -> str:
    """Return the address of the list ``name`` narrowed by ``query``."""
    return f"{reverse(name)}?{urlencode(query)}"


def days_since(moment: datetime, today: date) -> int:
    """Return how many days lie between ``moment`` and ``today``."""
    return (today - timezone.localtime(moment).date()).days
