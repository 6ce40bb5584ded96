"""Slips of some late services, and what those who were served said. One denial is planted in a month under review."""

from datetime import date, timedelta
from itertools import count
from random import Random

from services.domain.confirmation import code_of, hash_of
from services.models import Confirmation, MonthlyReport, ServiceLog

DAYS, SHARE = 75, 0.15
ANSWERS, ODDS = ("yes", ""), (75, 25)
THANKS = ("", "", "", "谢谢你们", "帮了大忙", "来得很及时")
DENIAL = "那天没有人来过"


def ask(township: int, today: date, read: set[int], keys: count, random: Random) -> None:
    """Write the slips and answers of late logs of the township; the reports in ``read`` are about to be read."""
    late = ServiceLog.objects.standing().filter(township=township, date__gte=today - timedelta(days=DAYS))
    logs = [log for log in late.select_related("report").order_by("id") if random.random() < SHARE]
    submitted = MonthlyReport.State.SUBMITTED
    denied = next((log for log in logs if log.report.state == submitted and log.report_id not in read), None)
    rows = []
    for log in logs:
        answer = "no" if log is denied else random.choices(ANSWERS, ODDS)[0]
        remark = random.choice(THANKS)
        issued = log.recorded_at + timedelta(minutes=5)
        rows.append(
            Confirmation(
                pk=next(keys),
                log=log,
                code_hash=hash_of(code_of(log)),
                issued_by_id=log.recorded_by_id,
                issued_at=issued,
                answer=answer,
                answered_at=issued + timedelta(minutes=random.randint(2, 900)) if answer else None,
                remark={"yes": remark, "no": DENIAL, "": ""}[answer],
            )
        )
    Confirmation.objects.bulk_create(rows)
