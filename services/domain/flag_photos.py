"""The flag on photos: raised when one is added that another log showed before, gone when it is taken away.

Photos come and go by themselves, so this rule is judged with them and not with what the log says.
"""

from collections.abc import Iterable

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

    The photos of a log that was corrected are those of what stands in its place. A log that was withdrawn may be
    written anew with its photos.
    """
    own = [each.pk for each in log.with_originals()]
    mine = list(LogPhoto.objects.standing().filter(log__in=own))
    if log.is_withdrawn or not mine:
        return set()
    theirs = list(
        LogPhoto.objects.alike(*mine)
        .exclude(log__in=own)
        .values_list("pk", "sha256", "likeness", "log", "log__is_withdrawn")
    )
    stands = standing_for([other for *_photo, other, is_withdrawn in theirs if is_withdrawn])
    stands |= {other: other for *_photo, other, is_withdrawn in theirs if not is_withdrawn}
    return {
        (photo.pk, stands[other])
        for pk, sha256, likeness, other, _is_withdrawn in theirs
        for photo in mine
        if pk < photo.pk
        and other in stands
        and (photo.sha256 == sha256 or (photo.likeness == likeness and is_telling(likeness)))
    }


def standing_for(superseded: Iterable[int]) -> dict[int, int]:
    """Return the log that stands in place of each that no longer does; none for what was withdrawn or struck."""
    found: dict[int, int] = {}
    now = {pk: pk for pk in superseded}  # the first of each chain, by the last that is known
    while now:
        after = ServiceLog.objects.filter(corrects__in=list(now))
        last, now = now, {}
        for log in after.only("corrects", "is_withdrawn"):
            before = last[log.corrects_id or 0]
            if log.is_withdrawn:
                now[log.pk] = before
            else:
                found[before] = log.pk
    return found
