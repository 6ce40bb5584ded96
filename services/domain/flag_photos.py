"""The flag on photos: raised when one is added that another log showed before, gone when it is taken away.

Photos come and go by themselves, so this rule is judged with them and not with what the log says.
"""

from common.pictures import is_telling
from services.domain.flag_rules import Rule
from services.models import LogFlag, LogPhoto, ServiceLog


def renew_photo_flag(log: ServiceLog) -> None:
    """Bring the flag in line with the photos that the log shows now; an answered one stays."""
    flag = log.flags.filter(rule=Rule.SAME_PHOTO).first()
    if flag is not None and flag.answered_at is not None:
        return
    alike = _alike(log)
    if not alike:
        if flag is not None:
            LogFlag.objects.unanswered().filter(pk=flag.pk).delete()
        return
    measured, other = len({mine for mine, _other in alike}), max(other for _mine, other in alike)
    if flag is None:
        new = LogFlag(log=log, rule=Rule.SAME_PHOTO, measured=measured, other_id=other)
        LogFlag.objects.bulk_create([new], ignore_conflicts=True)
    else:
        LogFlag.objects.filter(pk=flag.pk).update(measured=measured, other=other)


def _alike(log: ServiceLog) -> set[tuple[int, int]]:
    """Return the photos of the log that another log showed before, each with that log.

    A log that was withdrawn may be written anew with its photos.
    """
    mine = list(log.photos.standing())
    if log.is_withdrawn or not mine:
        return set()
    theirs = (
        LogPhoto.objects.filter(log__is_withdrawn=False).alike(*mine).values_list("pk", "sha256", "likeness", "log")
    )
    return {
        (photo.pk, other)
        for pk, sha256, likeness, other in theirs
        for photo in mine
        if pk < photo.pk and (photo.sha256 == sha256 or (photo.likeness == likeness and is_telling(likeness)))
    }
