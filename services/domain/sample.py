"""抽查: the city draws a random part of the months with a recorded seed, looks at each once more, and is answered.

The draw is plain enough to be done again with any tool: write the keys of the months that could be drawn, the smallest
first; take the SHA-256 of ``seed|key`` for each; sort by it; the first are the sample. No library's chance is in it,
so that every version of every language draws the same. The seed is made by the machine when the draw is asked for:
nobody can try seeds until one is kind, and a second draw stands beside the first.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from services.domain.reasons import conflicts
from services.domain.report import said
from services.models import MonthlyReport, Sample, SampledReport

State = MonthlyReport.State
SEED_BYTES = 16
# Two years of the whole city: more is no sample of anything that somebody still knows about.
MOST_MONTHS = 24


def draw(seed: str, population: Iterable[int], size: int) -> list[int]:
    """Return the ``size`` keys whose SHA-256 with the seed is smallest, the smallest first."""
    return sorted(population, key=lambda key: sha256(f"{seed}|{key}".encode()).hexdigest())[:size]


def size_of(count: int, percent: int) -> int:
    """Return how many of ``count`` months are ``percent`` percent, rounded up: at least one."""
    return max(1, -(-count * percent // 100))


def written(population: Iterable[int]) -> str:
    """Write the keys down as they are signed: in order, each on its line."""
    return "".join(f"{key}\n" for key in sorted(population))


@event
def draw_sample(
    *, key: UUID, first_month: date, last_month: date, percent: int, with_submitted: bool = False, by: User
) -> Sample:
    """Draw ``percent`` percent of the read months (and the submitted ones, if wished); the same ``key`` draws once."""
    stored = Sample.objects.filter(key=key).first()
    if stored is not None:
        return stored
    if first_month > last_month:
        raise RuleBroken(_("The first month lies after the last one."), field="last_month")
    if (last_month.year - first_month.year) * 12 + last_month.month - first_month.month >= MOST_MONTHS:
        raise RuleBroken(_("A sample covers two years at the most."), field="last_month")
    if not 1 <= percent <= 100:
        raise RuleBroken(_("Choose from 1 to 100 percent."), field="percent")
    states = [State.READ, State.SUBMITTED] if with_submitted else [State.READ]
    reports = MonthlyReport.objects.visible_to(by).filter(month__range=(first_month, last_month), state__in=states)
    population = list(reports.order_by("pk").values_list("pk", flat=True))
    if not population:
        raise RuleBroken(_("No month of this time has been read yet: there is nothing to draw from."))
    text = written(population)
    sample = Sample(
        key=key,
        first_month=first_month,
        last_month=last_month,
        with_submitted=with_submitted,
        percent=percent,
        seed=secrets.token_hex(SEED_BYTES),
        population=text,
        population_count=len(population),
        population_hash=sha256(text.encode()).hexdigest(),
        size=size_of(len(population), percent),
        drawn_by=by,
    )
    try:
        with transaction.atomic():
            sample.save(force_insert=True)
    except IntegrityError:
        # The other click of the same form came first.
        stored = Sample.objects.filter(key=key).first()
        if stored is None:
            raise
        return stored
    SampledReport.objects.bulk_create(
        SampledReport(sample=sample, report_id=pk, place=place)
        for place, pk in enumerate(draw(sample.seed, population, sample.size), start=1)
    )
    return sample


def is_as_drawn(sample: Sample, drawn: Sequence[int]) -> bool:
    """Whether the recorded population is the signed one, and drawing again gives the same months in the same order."""
    population = [int(key) for key in sample.population.split()]
    return (
        sha256(sample.population.encode()).hexdigest() == sample.population_hash
        and sample.population == written(population)
        and len(population) == sample.population_count
        and sample.size == size_of(len(population), sample.percent)
        and draw(sample.seed, population, sample.size) == list(drawn)
    )


@event
def check_sampled(sampled: SampledReport, *, finding: str, remark: str = "", by: User) -> SampledReport:
    """Say what the second look at a drawn month found: fine, or a remark that the township answers.

    Whoever had a part in the month, or reviewed it, does not look a second time.
    """
    remark = remark.strip()
    if finding == SampledReport.Finding.REMARK:
        remark = said(remark, "remark", _("Say what was found."))
    elif remark:
        raise RuleBroken(_("Choose “With a remark” to leave one, or empty the remark."), field="finding")
    report = MonthlyReport.locked(sampled.report_id)
    sampled = _locked(sampled)
    if sampled.finding:
        raise RuleBroken(
            _("%(name)s has looked at this month already: %(finding)s.")
            % {"name": sampled.checked_by.name, "finding": sampled.get_finding_display()}  # type: ignore[union-attr]
        )
    refuse_second_look(report, by)
    sampled.finding, sampled.remark = finding, remark
    sampled.checked_by, sampled.checked_at = by, timezone.now()
    sampled.save()
    return sampled


def refuse_second_look(report: MonthlyReport, by: User) -> None:
    """Refuse whoever would look at their own work again."""
    why = str(conflicts([report.pk], by).get(report.pk, ""))
    if not why and report.reviewed_by_id == by.pk:
        why = _("You reviewed this month yourself.")
    if why:
        raise RuleBroken(why + " " + _("Another reviewer of the city looks at it."), code="conflict")


@event
def answer_finding(sampled: SampledReport, *, answer: str, by: User) -> SampledReport:
    """Answer the remark on a drawn month, once; not by whoever made it."""
    answer = said(answer, "answer", _("Write the answer first."))
    sampled = _locked(sampled)
    if sampled.finding != SampledReport.Finding.REMARK:
        raise RuleBroken(_("There is no remark to answer."))
    if sampled.answered_at is not None:
        raise RuleBroken(
            _("%(name)s has answered already: %(answer)s")
            % {"name": sampled.answered_by.name, "answer": sampled.answer}  # type: ignore[union-attr]
        )
    if sampled.checked_by_id == by.pk:
        raise RuleBroken(_("You made this remark: somebody else answers it."), code="conflict")
    sampled.answer, sampled.answered_by, sampled.answered_at = answer, by, timezone.now()
    sampled.save()
    return sampled


def _locked(sampled: SampledReport) -> SampledReport:
    rows = SampledReport.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("checked_by", "answered_by").get(pk=sampled.pk)
