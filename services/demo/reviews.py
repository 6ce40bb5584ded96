"""What reviewers left behind: settled comments, words of thanks, and the city's sample of the month before."""

from datetime import datetime, time, timedelta
from hashlib import sha256
from random import Random
from uuid import UUID

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from services.demo.scale import Calendar
from services.domain.month import previous_month
from services.domain.sample import draw, size_of, written
from services.models import LogComment, MonthlyReport, Sample, SampledReport, ServiceLog, Thanks

WORDS = ("辛苦了，这个月走访很扎实。", "台风前后都在村里，谢谢大家。", "记录清楚，继续保持。", "感谢全队，邻里都说好。")
REMARK = "两次走访写得很像，请与队长核实。"
PERCENT = 10
THANKED = 0.25
State = MonthlyReport.State


def leave(calendar: Calendar, random: Random) -> None:
    """Leave what was said and found: rounds and ticks on comments, thanks, and a sample that is half looked through."""
    LogComment.objects.update(round=0)
    reviewed = ServiceLog.objects.filter(pk=OuterRef("log")).values("report__reviewed_at")[:1]
    logs = ServiceLog.objects.filter(report__state=State.READ).order_by()
    # Whoever asked ticked it when they read the month.
    LogComment.objects.filter(log__in=logs).update(settled_by=F("by_id"), settled_at=Subquery(reviewed))
    read = MonthlyReport.objects.filter(state=State.READ).order_by("pk")
    Thanks.objects.bulk_create(
        Thanks(report=report, round=report.times_returned, text=random.choice(WORDS), by=report.reviewed_by, at=at)
        for report in read.filter(month=calendar.mixed).select_related("reviewed_by")
        if (at := report.reviewed_at) is not None and random.random() < THANKED
    )
    city = User.objects.filter(username="city").first()
    population = list(read.filter(month=previous_month(calendar.mixed)).values_list("pk", flat=True))
    if city is not None and population:
        _sample(city, population, calendar, random)


def _sample(city: User, population: list[int], calendar: Calendar, random: Random) -> None:
    """Draw as the city does, with a seed of the demo's own; look at the first two."""
    month = previous_month(calendar.mixed)
    text = written(population)
    drawn_at = timezone.make_aware(datetime.combine(calendar.mixed + timedelta(days=15), time(9, 30)))
    sample = Sample.objects.create(
        key=UUID(int=random.getrandbits(128), version=4),
        first_month=month,
        last_month=month,
        percent=PERCENT,
        seed=f"{random.getrandbits(128):032x}",
        population=text,
        population_count=len(population),
        population_hash=sha256(text.encode()).hexdigest(),
        size=size_of(len(population), PERCENT),
        drawn_by=city,
        drawn_at=drawn_at,
    )
    places = enumerate(draw(sample.seed, population, sample.size), start=1)
    SampledReport.objects.bulk_create(
        SampledReport(sample=sample, report_id=pk, place=place, **_found(place, city, drawn_at)) for place, pk in places
    )


def _found(place: int, city: User, drawn_at: datetime) -> dict[str, object]:
    """Return what was found at a place: the first has a remark, the second is fine, the others wait."""
    if place > 2:
        return {}
    checked = {"checked_by": city, "checked_at": drawn_at + timedelta(minutes=20 * place)}
    if place == 1:
        return {"finding": SampledReport.Finding.REMARK, "remark": REMARK, **checked}
    return {"finding": SampledReport.Finding.FINE, **checked}
