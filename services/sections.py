"""The sections of the dossier that tell what this app keeps of a volunteer."""

from django.utils.translation import gettext_lazy as _

from accounts.rights import Right
from services.feedback_rows import feedback_section
from volunteers.dossier import Section, register


def register_all() -> None:
    """Put the sections of this app into the dossier."""
    register(
        Section(
            "feedback",
            _("What residents say"),
            "services/feedback/_dossier.html",
            feedback_section,
            80,
            Right.VIEW_FEEDBACK,
        )
    )
