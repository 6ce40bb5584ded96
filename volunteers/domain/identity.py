"""The resident ID number of a volunteer: masked on the page, shown to those who may, each look recorded."""

from cryptography.fernet import InvalidToken

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from volunteers.id_number import decrypted, is_switched_on
from volunteers.models import Volunteer

# The look is of this; the trail knows no number.
LOOKED_AT = {"ID number": ("", "****")}


@event
def show_id_number(volunteer: Volunteer, *, by: User) -> str:
    """Return the ID number in full and record who looked; nothing where none is kept or its key is lost."""
    number = id_number_of(volunteer)
    if number:
        record([volunteer], AuditEntry.Action.ACCESS, LOOKED_AT)
    return number


def masked_id_number(volunteer: Volunteer) -> str:
    """Return the ID number with all but its first and last sign hidden; nothing where none is kept.

    The birth date stands on the page, and the region is the volunteer's: any further sign would tell the rest.
    """
    return mask_id_number(id_number_of(volunteer))


def mask_id_number(number: str) -> str:
    """Hide all but the first and the last sign."""
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if number else ""


def id_number_of(volunteer: Volunteer) -> str:
    """Return the number, for what records the look itself."""
    if not is_switched_on() or not volunteer.id_number_encrypted:
        return ""
    try:
        return decrypted(bytes(volunteer.id_number_encrypted))
    except InvalidToken:  # it was kept with another key
        return ""
