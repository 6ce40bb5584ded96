"""Printing a dossier: recorded with who, and whether phone and ID number stood on it."""

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from accounts.rights import Right
from volunteers.domain.identity import LOOKED_AT, id_number_of, masked_id_number
from volunteers.models import Volunteer


@event
def print_dossier(volunteer: Volunteer, *, full: bool = False, by: User) -> tuple[str, str]:
    """Note who prints the dossier; return phone and ID number as they stand on it: in full where asked and allowed."""
    sees_phone, sees_id_number = full and by.may(Right.SEE_PHONES), full and by.may(Right.SEE_ID_NUMBERS)
    phone = volunteer.phone if sees_phone else volunteer.masked_phone
    id_number = ""
    if by.may(Right.SEE_ID_NUMBERS):
        id_number = id_number_of(volunteer) if sees_id_number else masked_id_number(volunteer)
    shown = {"phone": ("", "****")} if sees_phone else {}
    record([volunteer], AuditEntry.Action.ACCESS, shown | (LOOKED_AT if sees_id_number and id_number else {}))
    return phone, id_number
