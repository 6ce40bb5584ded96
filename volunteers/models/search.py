"""What the search looks through besides the volunteers' own indexes: each unit and speciality once, from every sign on.

The database writes these rows itself (triggers of migration 0012), however a volunteer is written; none is ever
changed. Names need no such table: ``Volunteer`` has an index from the first and from the second character on.
"""

from django.db import models

from common.begins import ByteOrder
from common.models import length_checks

LONGEST = 100


class SearchText(models.Model):
    """A unit or a speciality that some volunteer has or had; twice where two people wrote it at the same moment."""

    class Kind(models.TextChoices):
        """The volunteer's column that it stands in."""

        UNIT = "unit"
        SPECIALITY = "speciality"

    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField(max_length=LONGEST)

    class Meta:
        indexes = [models.Index(fields=["kind", "text"], name="searchtext_once")]
        constraints = length_checks("searchtext", {"kind": 10, "text": LONGEST})

    def __str__(self) -> str:
        return self.text


class SearchEntry(models.Model):
    """A text from one of its characters on, Latin letters in lower case: what it contains begins one of these."""

    text = models.ForeignKey(SearchText, on_delete=models.CASCADE, related_name="entries")
    entry = models.CharField(max_length=LONGEST)

    class Meta:
        indexes = [models.Index(ByteOrder("entry"), "text", name="searchentry_begins")]
        constraints = length_checks("searchentry", {"entry": LONGEST})

    def __str__(self) -> str:
        return self.entry
