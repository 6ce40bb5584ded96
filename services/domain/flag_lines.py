"""Where each rule draws its line, and the sentence by which people read it: every number of the flags is here."""

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from services.models import LogFlag
from services.similar import TEXT_LEAST

Rule = LogFlag.Rule

# A team's logs are held against those of a month before and after.
NEAR_DAYS = 31
LONG_MINUTES = 8 * 60
BUSY_MINUTES = 10 * 60
# Minutes from midnight. Patrols end by eleven and streets are swept from five: an hour of the night is nobody's hint.
NIGHT_FIRST, NIGHT_LAST, NIGHT_MINUTES = 22 * 60, 30 * 60, 60
# In floods and fires many are out: so many other teams of the township make it a night on duty.
NIGHT_COMPANY = 3
# A text of so many teams within the days is a phrase that was given out. No more logs than ``TEXT_LOGS`` are looked at.
TEXT_DAYS, TEXT_TEAMS, TEXT_LOGS = 180, 4, 40
# Further apart, somebody was visited twice: a patient in the morning and in the evening.
SPLIT_MINUTES = 4 * 60
# 全村村民 and the like: so many people served are not somebody.
MANY_SERVED = 10
BURST_LOGS, BURST_DAYS = 6, 7
# The last days of a month and the first of the next.
BURST_BEFORE, BURST_AFTER = 3, 5
DAILY_DAYS = 5
# A patrol every Saturday has the same hours each time: that is nobody who makes hours up.
ROUTINE_DAYS, ROUTINE_GAP, ROUTINE_ROUND = 5, 3, 30
JUMP_TIMES, JUMP_PERCENT = 2.5, 80
JUMP_MINUTES, JUMP_SERVICES = 20 * 60, 10

RULE_TEXTS: dict[str, Promise] = {
    Rule.LATE: _("Entered longer after the service than the township allows"),
    Rule.SPLIT: format_lazy(
        _("Several logs for one recipient on one day, less than {hours} hours apart"), hours=SPLIT_MINUTES // 60
    ),
    Rule.LONG: format_lazy(_("A service of more than {hours} hours"), hours=LONG_MINUTES // 60),
    Rule.BUSY: format_lazy(_("A volunteer with more than {hours} hours on one day"), hours=BUSY_MINUTES // 60),
    Rule.NIGHT: format_lazy(
        _(
            "More than {minutes} minutes between {first}:00 and {last}:00, on a night when fewer than {teams} other "
            "teams of the township were out"
        ),
        minutes=NIGHT_MINUTES,
        first=NIGHT_FIRST // 60,
        last=NIGHT_LAST // 60 - 24,
        teams=NIGHT_COMPANY,
    ),
    Rule.SAME_TEXT: format_lazy(
        _(
            "The same text, of {letters} characters or more, as in a log for somebody else or by another team within "
            "{days} days; phrases that {teams} teams or more use are left out"
        ),
        letters=TEXT_LEAST,
        days=TEXT_DAYS,
        teams=TEXT_TEAMS,
    ),
    Rule.SAME_PHOTO: _("The same photo as in another log"),
    Rule.BURST: format_lazy(
        _(
            "{logs} logs or more entered within 24 hours around the end of a month, "
            "for services over more than {days} days"
        ),
        logs=BURST_LOGS,
        days=BURST_DAYS,
    ),
    Rule.DAILY: format_lazy(_("The same recipient on {days} days in a row or more"), days=DAILY_DAYS),
    Rule.ROUTINE: format_lazy(
        _(
            "The same start and end, at full or half hours, on {days} service days in a row or more, "
            "at most {gap} days apart"
        ),
        days=ROUTINE_DAYS,
        gap=ROUTINE_GAP,
    ),
    Rule.JUMP: format_lazy(
        _(
            "A volunteer with more than {times} times the monthly mean in December, at least {hours} hours or "
            "{services} services, which brings them to {percent} per cent of the year's threshold or more"
        ),
        times=JUMP_TIMES,
        hours=JUMP_MINUTES // 60,
        services=JUMP_SERVICES,
        percent=JUMP_PERCENT,
    ),
}


def measured_in_words(rule: str, measured: int) -> str:
    """Say what a rule counted, in its unit."""
    if rule in (Rule.LONG, Rule.BUSY, Rule.NIGHT, Rule.JUMP):
        hours, minutes = divmod(measured, 60)
        return now("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minutes}
    if rule in (Rule.LATE, Rule.DAILY, Rule.ROUTINE):
        return ngettext("%(count)d day", "%(count)d days", measured) % {"count": measured}
    return ngettext("%(count)d log", "%(count)d logs", measured) % {"count": measured}
