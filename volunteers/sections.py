"""The sections of the dossier that tell what this app keeps, and what it reads from those above by their relations."""

from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.events import event_label
from accounts.history import readable_changes
from accounts.models import AuditEntry, User
from accounts.rights import Right
from common.sections import nothing_more
from volunteers.badge_rows import badges_section
from volunteers.domain.identity import masked_id_number
from volunteers.domain.standing import standing_of
from volunteers.dossier import Context, Section, Table, register
from volunteers.id_number import is_switched_on
from volunteers.models import Absence, Merge, Portrait, Qualification, Volunteer
from volunteers.models.qualification import mask_certificate
from volunteers.qualification_rows import until, validity
from volunteers.text_rows import texts_section
from volunteers.training_rows import training_section

LATEST = 20
LATEST_SERVICES = 10


def _who(volunteer: Volunteer, reader: User) -> Context:
    keeps_id_numbers = is_switched_on() and reader.may(Right.SEE_ID_NUMBERS)
    photo = volunteer.portraits.standing().first()
    return {
        "age": volunteer.age_on(timezone.localdate()),
        "keeps_id_numbers": keeps_id_numbers,
        "masked_id_number": masked_id_number(volunteer) if keeps_id_numbers else "",
        "has_photo": photo is not None,
        "photo_version": photo.pk if photo else "",
    }


def _skills(volunteer: Volunteer, reader: User) -> Context:
    return {"further_skills": volunteer.further_skills.all()}


def _qualifications(volunteer: Volunteer, reader: User) -> Context:
    may_read_numbers, today = reader.may(Right.SEE_PHONES), timezone.localdate()
    found = Qualification.objects.filter(volunteer__in=volunteer.records).order_by("-expires_on", "-id")
    return {
        "qualifications": [
            {
                "pk": each.pk,
                "title": each.title,
                "kind": each.get_kind_display(),
                "number": each.number if may_read_numbers else mask_certificate(each.number),
                "issuer": each.issuer,
                "issued_on": each.issued_on,
                "until": until(each.expires_on),
                "state": validity(each.state, each.expires_on, today),
                "is_standing": each.is_standing,
                "reason": each.withdrawn_reason,
            }
            for each in sorted(found, key=lambda each: not each.is_standing)
        ]
    }


def _qualifications_printed(volunteer: Volunteer, reader: User) -> Table | None:
    standing = [row for row in _qualifications(volunteer, reader)["qualifications"] if row["is_standing"]]
    if not standing:
        return None
    return Table(
        [str(_("Certificate")), str(_("Certificate number")), str(_("Issuer")), str(_("Valid until"))],
        [[row["title"], row["number"], row["issuer"], row["until"]] for row in standing],
    )


def _teams_printed(volunteer: Volunteer, reader: User) -> Table | None:
    seen = _memberships(volunteer).visible_to(reader).select_related("team").order_by("joined_on")
    rows = [
        [each.team.name, each.get_role_display(), date_format(each.joined_on), _day_or_now(each.left_on)]
        for each in seen
    ]
    heads = [str(_("Team")), str(_("Role")), str(_("From")), str(_("Until"))]
    return Table(heads, rows) if rows else None


def _absences_printed(volunteer: Volunteer, reader: User) -> Table | None:
    rows = [
        [date_format(each.since), _day_or_now(each.until)]
        for each in Absence.objects.filter(volunteer__in=volunteer.records)
    ]
    return Table([str(_("From")), str(_("Until"))], rows) if rows else None


def _day_or_now(day: date | None) -> str:
    return date_format(day) if day else str(_("until now"))


def _teams(volunteer: Volunteer, reader: User) -> Context:
    memberships = _memberships(volunteer)
    return {
        "memberships": memberships.select_related("team").order_by("-joined_on"),
        "visible_memberships": set(memberships.visible_to(reader).values_list("pk", flat=True)),
    }


def _memberships(volunteer: Volunteer) -> Any:
    return volunteer.memberships.model.objects.filter(volunteer__in=volunteer.records)


def _absences(volunteer: Volunteer, reader: User) -> Context | None:
    absences = list(Absence.objects.filter(volunteer__in=volunteer.records))
    return {"absences": absences} if absences else None


def _moves(volunteer: Volunteer, reader: User) -> Context | None:
    """Return the moves to other townships, and which records were merged into this one and which were taken apart."""
    merges = Merge.objects.filter(Q(kept=volunteer) | Q(given_up=volunteer))
    moves = volunteer.moves.select_related("from_village__township", "to_village__township")
    context = {
        "moves": list(moves),
        "merges": list(merges.select_related("kept", "given_up", "by", "undone_by")),
        "seen": set(Volunteer.objects.visible_to(reader).filter(pk__in=_partners(merges)).values_list("pk", flat=True)),
    }
    return context if context["moves"] or context["merges"] else None


def _partners(merges: QuerySet[Merge]) -> set[int]:
    return {pk for pair in merges.order_by().values_list("kept", "given_up") for pk in pair}


def _standing(volunteer: Volunteer, reader: User) -> Context:
    return {"standing": standing_of(volunteer, timezone.localdate().year)}


def _services(volunteer: Volunteer, reader: User) -> Context:
    parts = volunteer.participations.model.objects.filter(volunteer__in=volunteer.records)
    participations = parts.visible_to(reader).standing()
    return {"participations": participations.select_related("log__category", "log__report", "team")[:LATEST_SERVICES]}


def _changes(volunteer: Volunteer, reader: User) -> Context:
    """Give the latest of what the trail tells of the record, its photo and its qualifications."""
    kept: list[tuple[type[Model], list[int]]] = [
        (Volunteer, [volunteer.pk]),
        (Portrait, [photo.pk for photo in volunteer.portraits.all()]),
        (Qualification, [qualification.pk for qualification in volunteer.qualifications.all()]),
    ]
    types = ContentType.objects.get_for_models(*(model for model, _pks in kept))
    entries: list[AuditEntry] = []
    # One question a kind: each is answered from the index of the records' keys, however long the trail is.
    for model, pks in kept:
        found = AuditEntry.objects.visible_to(reader).filter(content_type=types[model], object_id__in=pks)
        entries += found.select_related("actor").order_by("-id")[:LATEST] if pks else []
    entries = sorted(entries, key=lambda entry: -entry.pk)[:LATEST]
    changes = readable_changes(entries)
    return {
        "entries": [
            {
                "at": entry.timestamp,
                "who": entry.actor.name if entry.actor else "",
                "what": event_label(entry.event, entry.action),
                "changes": changes[entry.pk],
            }
            for entry in entries
        ]
    }


def register_all() -> None:
    """Put the sections of this app into the dossier."""
    parts = "volunteers/dossier"
    register(Section("who", _("Who"), f"{parts}/_who.html", _who, 10))
    register(Section("skills", _("What they can do"), f"{parts}/_skills.html", _skills, 20))
    qualifications = f"{parts}/_qualifications.html"
    register(
        Section(
            "qualifications", _("Qualifications"), qualifications, _qualifications, 30, printed=_qualifications_printed
        )
    )
    register(Section("badges", _("Badges"), f"{parts}/_badges.html", badges_section, 35))
    register(Section("consents", _("Consents"), f"{parts}/_consents.html", nothing_more, 40))
    register(Section("texts", _("Accepted texts"), f"{parts}/_texts.html", texts_section, 41))
    register(Section("teams", _("Teams"), f"{parts}/_teams.html", _teams, 50, printed=_teams_printed))
    register(Section("absences", _("Away"), f"{parts}/_absences.html", _absences, 55, printed=_absences_printed))
    register(Section("moves", _("Moves and merges"), f"{parts}/_moves.html", _moves, 57))
    register(Section("standing", _("Standing this year"), f"{parts}/_standing.html", _standing, 60))
    register(Section("services", _("Latest services"), f"{parts}/_services.html", _services, 70))
    register(Section("training", _("Training"), f"{parts}/_training.html", training_section, 75))
    changes = f"{parts}/_changes.html"
    register(Section("changes", _("Changes"), changes, _changes, 95, Right.VIEW_AUDIT_TRAIL))
