"""What people type about the programme's texts and their acceptances."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from common.forms import DateField, RecordsField, TextField, TickButtons, VersionField, YiwangForm
from volunteers.models import ProgrammeText
from volunteers.models.text import TEXT_LIMITS


class DraftForm(YiwangForm):
    """The words of a draft."""

    version = VersionField()
    title = TextField(label=_("Title (Chinese)"), max_length=TEXT_LIMITS["title"], lines=1)
    title_en = TextField(label=_("Title (English)"), max_length=TEXT_LIMITS["title_en"], lines=1, required=False)
    body = TextField(
        label=_("Text"),
        max_length=TEXT_LIMITS["body"],
        lines=22,
        help_text=_("One paragraph a line. Everybody reads it once it is published."),
    )
    changes = TextField(
        label=_("What changed"),
        max_length=TEXT_LIMITS["changes"],
        lines=2,
        required=False,
        help_text=_("From the second version on: what those read first who accepted the one before."),
    )


class PublishForm(YiwangForm):
    """From when on a version is in force."""

    version = VersionField()
    in_force_from = DateField(
        label=_("In force from"),
        help_text=_("The day may lie in the past for a text that has been in force on paper."),
    )


class TextsForm(YiwangForm):
    """Which versions somebody accepts: exactly those whose words were shown."""

    texts = RecordsField(label=_("Texts"), queryset=ProgrammeText.objects.none(), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Know the published versions; the domain says which of them may be accepted still."""
        super().__init__(*args, **options)
        self.fields["texts"].queryset = ProgrammeText.objects.published()


class PaperForm(YiwangForm):
    """What a paper list says: which texts were signed, on which day."""

    texts = RecordsField(
        label=_("Texts that were signed"),
        queryset=ProgrammeText.objects.none(),
        widget=TickButtons,
        error_messages={"required": _("Choose at least one text.")},
    )
    on = DateField(label=_("Signed on"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer every published version, the latest of each kind first; older paper may come in late."""
        super().__init__(*args, **options)
        texts = self.fields["texts"]
        texts.queryset = ProgrammeText.objects.published().order_by("kind", "-number")
        texts.label_from_instance = _in_a_list


def _in_a_list(text: ProgrammeText) -> str:
    return str(_("%(title)s, version %(number)s") % {"title": text.name, "number": text.number})
