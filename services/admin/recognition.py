"""Recognition in the admin site: looked up there, run on the pages of the city's reviewers.

An administrator neither enters votes nor scores (``accounts.rights``), and what is scored never changes.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from common.hours import hours
from services.models import Award, BallotTally, Evidence, RecognitionRound


@admin.register(RecognitionRound)
class RecognitionRoundAdmin(ReadOnlyAdmin):
    """Finds a year's round and who scored it."""

    list_display = ("year", "state", "min_hours", "min_services", "min_satisfied_percent", "scored_by", "scored_at")
    list_filter = ("state",)
    list_select_related = ("scored_by",)
    fields = (
        "year",
        "state",
        "min_hours",
        "min_services",
        "min_satisfied_percent",
        "scored_by",
        "scored_at",
        "published_at",
        "evidence_hash",
    )

    @admin.display(description=_("hours required"), ordering="min_minutes")
    def min_hours(self, round: RecognitionRound) -> str:
        """Show the threshold in hours."""
        return hours(round.min_minutes)


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    """Finds what a volunteer was scored by."""

    list_display = ("volunteer", "round", "township", "team", "hours", "services", "is_eligible")
    list_filter = ("round", "is_eligible", "township")
    list_select_related = ("volunteer", "round", "township", "team")
    search_fields = ("volunteer__name", "volunteer__number")
    ordering = ("-minutes", "-id")
    fields = ("volunteer", "round", "township", "team", "hours", "services", "is_eligible")

    @admin.display(description=_("hours"), ordering="minutes")
    def hours(self, evidence: Evidence) -> str:
        """Show the minutes in hours. The votes are left to the page, which hides them where they are few."""
        return hours(evidence.minutes)


@admin.register(BallotTally)
class BallotTallyAdmin(ReadOnlyAdmin):
    """Finds whose votes were entered; how many of what is on the pages of those who enter and score them."""

    list_display = ("volunteer", "grid", "round")
    list_filter = ("round", "grid__village__township")
    list_select_related = ("volunteer", "grid__village", "round")
    search_fields = ("volunteer__name", "volunteer__number", "grid__village__name")
    ordering = ("-id",)
    fields = ("volunteer", "grid", "round")


@admin.register(Award)
class AwardAdmin(ReadOnlyAdmin):
    """Finds whom a round honours."""

    list_display = ("volunteer", "round", "chosen_by", "chosen_at")
    list_filter = ("round",)
    list_select_related = ("volunteer", "round", "chosen_by")
    search_fields = ("volunteer__name", "volunteer__number")
    fields = ("volunteer", "round", "chosen_by", "chosen_at")
