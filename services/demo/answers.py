"""What the reviewers said to the flags of the months that they read; a few they left, as people do."""

from random import Random

from services.models import LogFlag, MonthlyReport

ANSWERS = {
    "late": ("纸质记录月底补录，已核对。", "队长外出，回来后补记。"),
    "split": ("上午下午各去一次，属实。", "两件事分开记，已提醒合并。"),
    "long": ("防汛值守，属实。", "全天值班，有签到表。"),
    "busy": ("当天值守后又参加清理，已核实。", "两支队伍签到一致。"),
    "night": ("夜间突发停水，上门抢修。", "送急诊，家属已证实。"),
    "same_photo": ("两队共同活动的合影，属实。",),
    "same_text": ("同一类服务用语相同，已提醒写具体。", "已与两队核对，确为两次服务。"),
    "burst": ("月底集中补录，已核对原始记录。",),
    "daily": ("出院照料，每日上门，属实。",),
    "routine": ("固定时段巡查，属实。",),
    "jump": ("年末慰问集中，已逐条核对。",),
}
LEFT = 0.1


def answer(random: Random) -> None:
    """Answer most flags of the read months, each by who read the month, on the day that they did."""
    flags = (
        LogFlag.objects.filter(log__report__state=MonthlyReport.State.READ)
        .select_related("log__report")
        .order_by("log_id", "rule")
    )
    answered = []
    for flag in flags:
        if random.random() < LEFT:
            continue
        report = flag.log.report
        flag.answer, flag.answered_by_id, flag.answered_at = (
            random.choice(ANSWERS[flag.rule]), report.reviewed_by_id, report.reviewed_at,
        )  # fmt: skip
        answered.append(flag)
    LogFlag.objects.bulk_update(answered, ["answer", "answered_by", "answered_at"], batch_size=300)
