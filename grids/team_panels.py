"""The panels of the team's page that tell what this app keeps: they print what ``grids.views.team`` has found."""

from django.utils.translation import gettext_lazy as _

from accounts.rights import Right
from common.sections import nothing_more
from grids.card_rows import card_section
from grids.team_sections import Section, register


def register_all() -> None:
    """Put the panels of this app onto the team's page."""
    parts = "grids/team"
    register(Section("members", _("Members"), f"{parts}/_members.html", nothing_more, 10))
    register(Section("time-line", _("Time line"), f"{parts}/_time_line.html", nothing_more, 60))
    register(Section("skills", _("Skill types"), f"{parts}/_skills.html", nothing_more, 10, is_aside=True))
    register(Section("facts", _("The team"), f"{parts}/_facts.html", nothing_more, 20, is_aside=True))
    register(
        Section(
            "cards",
            _("Contact cards"),
            "grids/card/_team.html",
            card_section,
            40,
            right=Right.VIEW_CARDS,
            is_aside=True,
        )
    )
