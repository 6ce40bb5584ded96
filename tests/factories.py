"""Makers of records for tests: plain functions with sensible values, each of which a test may name."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import uuid4

import time_machine
from django.utils import timezone

from accounts.models import Reminder, User
from accounts.rights import Role
from areas.models import Channel, Township, TownshipSettings, Village
from grids.domain.card import hand_out
from grids.domain.card_print import carry_out as set_cards
from grids.domain.card_print import print_cards
from grids.domain.composition import begin_composition
from grids.domain.composition_work import compose
from grids.imports.columns import NAMES as GRID_COLUMNS
from grids.models import CardBatch, CardPrint, Composition, Grid, GridImport, HandOut, Membership, Team
from services.domain.ask import ask_for_help
from services.domain.certificate import issue_certificate
from services.domain.clock import Clock, meet, start, stop
from services.domain.correction import ask_change, ask_strike
from services.domain.deadline import Minutes
from services.domain.feedback import answer_feedback, give_feedback
from services.domain.flags import raise_flags
from services.domain.follow import followed_by
from services.domain.report import read_month, submit_month
from services.domain.request import note_asked
from services.domain.sample import written
from services.models import (
    Certificate,
    Correction,
    CustodyItem,
    Feedback,
    HelpRequest,
    LogFlag,
    LogImport,
    MonthlyReport,
    Notice,
    Participation,
    ReportContributor,
    RequestDeadline,
    Sample,
    SampledReport,
    SentMessage,
    ServiceCategory,
    ServiceLog,
    VisitPlan,
)
from services.models.request import code_of, hash_of, phone_key_of, place_key_of
from services.models.visit_plan import key_of_recipient
from volunteers.domain.badge import issue_badge
from volunteers.domain.badge_print import carry_out, print_badges
from volunteers.domain.merge import merge
from volunteers.domain.volunteer_import import upload_volunteers
from volunteers.imports.reading import read_sheets
from volunteers.models import (
    Absence,
    Acceptance,
    Application,
    Attendance,
    Badge,
    BadgePrint,
    Course,
    Invitation,
    Merge,
    ProgrammeText,
    Provider,
    Qualification,
    SkillType,
    Volunteer,
    VolunteerImport,
)

_number = count(1)

# --- areas ------------------------------------------------------------------------------------------


def make_township(**fields: Any) -> Township:
    """Make a township with a code of its own."""
    number = next(_number)
    fields.setdefault("code", f"{330_000_000 + number}")
    fields.setdefault("name", f"第{number}镇")
    fields.setdefault("kind", Township.Kind.TOWN)
    return Township.objects.create(**fields)


def make_village(**fields: Any) -> Village:
    """Make a village, in a township of its own unless one is given."""
    number = next(_number)
    fields.setdefault("code", f"{330_000_000_000 + number}")
    fields.setdefault("name", f"第{number}村")
    if "township" not in fields:
        fields["township"] = make_township()
    return Village.objects.create(**fields)


def make_channel(**fields: Any) -> Channel:
    """Make a hotline, in a township of its own unless one is given."""
    number = next(_number)
    fields.setdefault("kind", Channel.Kind.HOTLINE)
    fields.setdefault("label", f"第{number}号热线")
    fields.setdefault("number", f"0577-6{number:07}")
    if "township" not in fields:
        fields["township"] = make_township()
    return Channel.objects.create(**fields)


def make_settings(township: Township, **values: Any) -> TownshipSettings:
    """Give a township values of its own, whatever it had before."""
    return TownshipSettings.objects.update_or_create(township=township, defaults=values)[0]


# --- accounts ---------------------------------------------------------------------------------------

PASSWORD = "shan-qing-shui-xiu"


def make_user(role: Role = Role.TOWNSHIP_STAFF, **fields: Any) -> User:
    """Make a user with ``PASSWORD``; staff and team leaders get a township of their own unless one is given."""
    number = next(_number)
    fields.setdefault("username", f"{role}{number}")
    fields.setdefault("name", f"用户{number}")
    fields.setdefault("password", PASSWORD)
    if "township" not in fields and role in (Role.TOWNSHIP_STAFF, Role.TEAM_LEADER):
        fields["township"] = make_township()
    return User.objects.create_user(role=role, **fields)


def make_reminder(user: User, **fields: Any) -> Reminder:
    """Remind the user of something that only the test knows of; further ``fields`` may name the ``team``."""
    number = next(_number)
    words = {"team": fields.pop("team", f"第{number}服务队"), "count": "2"}
    defaults = {
        "kind": "visits",
        "key": f"test:{number}",
        "text": "%(team)s has visits that are overdue: %(count)s.",
        "url": "/services/month/",
        "params": words,
    }
    return Reminder.objects.create(user=user, **(defaults | fields))


# --- volunteers -------------------------------------------------------------------------------------


def make_skill_type(**fields: Any) -> SkillType:
    """Make a skill type with a code of its own."""
    number = next(_number)
    fields.setdefault("code", f"skill-{number}")
    fields.setdefault("name", f"第{number}型")
    fields.setdefault("name_en", f"Skill {number}")
    return SkillType.objects.create(**fields)


def make_volunteer(**fields: Any) -> Volunteer:
    """Make an active volunteer since 2020, in a village and of a skill type of their own unless given."""
    number = next(_number)
    if "village" not in fields:
        fields["village"] = make_village(**({"township": fields["township"]} if "township" in fields else {}))
    defaults = {
        "number": f"{number:07}",
        "name": f"义工{number}",
        "name_pinyin": f"yigong{number:07}",
        "name_initials": "yg",
        "gender": Volunteer.Gender.FEMALE,
        "birth_date": date(1980, 1, 1),
        "phone": f"138{number:08}",
        "unit_kind": Volunteer.UnitKind.OTHER,
        "joined_on": date(2020, 1, 1),
        "township": fields["village"].township,
    }
    if "primary_skill" not in fields:
        defaults["primary_skill"] = make_skill_type()
    if fields.get("status") == "applied" and "endorsed_on" not in fields:
        by = make_user(Role.TOWNSHIP_STAFF, township=defaults["township"])
        defaults |= {"endorsed_on": timezone.localdate(), "endorsed_by": by}
    volunteer = Volunteer.objects.create(**(defaults | fields))
    if volunteer.status in ("suspended", "left"):
        Absence.objects.create(volunteer=volunteer, since=volunteer.left_on or timezone.localdate())
    return volunteer


def make_text(kind: str = "conduct", *, number: int | None = None, **fields: Any) -> ProgrammeText:
    """Make the next published version of a text, in force since 2026 began unless given; drafts have no day.

    The draft that came with the migrations makes room.
    """
    versions = ProgrammeText.objects.filter(kind=kind)
    versions.drafts().delete()
    last = versions.order_by("-number").first()
    if number is None:
        number = last.number + 1 if last else 1
    since = fields.setdefault("in_force_from", date(2026, 1, 1) + timedelta(days=30 * (number - 1)))
    if since is not None:
        fields.setdefault("published_at", timezone.make_aware(datetime.combine(since, time(8))))
        if "published_by" not in fields:
            fields["published_by"] = make_user(Role.ADMIN)
    defaults = {
        "title": f"第{number}版守则",
        "body": f"一、第{number}版。\n二、自愿无偿。",
        "changes": "有改动" * (number > 1),
    }
    return ProgrammeText.objects.create(kind=kind, number=number, **(defaults | fields))


def make_acceptance(volunteer: Volunteer, text: ProgrammeText, **fields: Any) -> Acceptance:
    """Put down that the volunteer accepted the version on paper, on its first day unless given."""
    defaults = {"how": Acceptance.How.PAPER, "accepted_on": text.in_force_from}
    if "entered_by" not in fields:
        fields["entered_by"] = make_user(Role.TOWNSHIP_STAFF, township=volunteer.township)
    return Acceptance.objects.create(volunteer=volunteer, text=text, **(defaults | fields))


def make_badge(volunteer: Volunteer | None = None, **fields: Any) -> Badge:
    """Issue a badge as the office does, to a volunteer of its own unless given; ``fields`` are set after that."""
    volunteer = volunteer or make_volunteer()
    badge = issue_badge(volunteer, by=make_user(Role.ADMIN))
    if fields:
        Badge.objects.filter(pk=badge.pk).update(**fields)
    return Badge.objects.get(pk=badge.pk)


def make_qualification(volunteer: Volunteer | None = None, **fields: Any) -> Qualification:
    """Make a medical qualification without an end, of a volunteer of its own unless one is given."""
    number = next(_number)
    defaults = {
        "kind": Qualification.Kind.MEDICAL,
        "title": "执业医师资格证书",
        "number": f"2020{number:012}",
        "issuer": "浙江省卫生健康委员会",
        "issued_on": date(2020, 1, 1),
        "added_by": fields.pop("by", None) or make_user(Role.ADMIN),
    }
    return Qualification.objects.create(volunteer=volunteer or make_volunteer(), **(defaults | fields))


def make_application(**fields: Any) -> Application:
    """Make an application that waits for the township of its village, past the domain's checks."""
    number = next(_number)
    if "village" not in fields:
        fields["village"] = make_village()
    defaults = {
        "key": uuid4(),
        "code_hash": f"{number:064}",
        "township": fields["village"].township,
        "name": f"申请人{number}",
        "gender": Volunteer.Gender.FEMALE,
        "birth_date": date(1985, 3, 7),
        "phone": f"137{number:08}",
        "unit_kind": Volunteer.UnitKind.OTHER,
        "party_branch": "第一支部",
        "joined_party_on": date(2010, 7, 1),
    }
    if "primary_skill" not in fields:
        defaults["primary_skill"] = make_skill_type()
    return Application.objects.create(**(defaults | fields))


def make_badge_print(*badges: Badge, by: User | None = None, **fields: Any) -> BadgePrint:
    """Print badges, one of its own unless given, and set them at once."""
    chosen = badges or (make_badge(),)
    made = print_badges(
        [badge.pk for badge in chosen], **({"layout": "sheets"} | fields), by=by or make_user(Role.ADMIN)
    )
    carry_out(made, lambda done, total: None)
    BadgePrint.objects.filter(pk=made.pk).update(work_state=BadgePrint.WorkState.DONE)
    return BadgePrint.objects.get(pk=made.pk)


def make_provider(**fields: Any) -> Provider:
    """Make a party school with a name of its own."""
    fields.setdefault("name", f"第{next(_number)}党校")
    fields.setdefault("kind", Provider.Kind.PARTY_SCHOOL)
    return Provider.objects.create(**fields)


def make_course(*, townships: Iterable[Township] = (), **fields: Any) -> Course:
    """Make a planned course of six hours on 6 July 2026: of the city, unless a ``township`` is given."""
    number = next(_number)
    for name, make in (("provider", make_provider), ("recorded_by", lambda: make_user(Role.ADMIN))):
        if name not in fields:
            fields[name] = make()
    fields.setdefault("starts_on", date(2026, 7, 6))
    fields.setdefault("ends_on", fields["starts_on"])
    defaults = {
        "key": uuid4(),
        "title": f"第{number}期培训班",
        "content": Course.Content.SERVICE,
        "place": "文化礼堂",
        "begins_at": time(8, 30),
        "closes_at": time(16, 30),
        "minutes": 360,
        "capacity": 50,
    }
    course = Course.objects.create(**(defaults | fields))
    course.townships.set(townships)
    return course


def make_invitation(course: Course, volunteer: Volunteer, **fields: Any) -> Invitation:
    """Invite the volunteer past the domain's checks."""
    fields.setdefault("township", volunteer.township)
    fields.setdefault("invited_by", course.recorded_by)
    return Invitation.objects.create(course=course, volunteer=volunteer, **fields)


def make_attendance(course: Course, volunteer: Volunteer, **fields: Any) -> Attendance:
    """Record that the volunteer was at the course, which is thereby held, past the domain's checks."""
    defaults = {"township": volunteer.township, "date": course.starts_on, "minutes": course.minutes}
    defaults |= {"how": Attendance.How.NUMBER, "recorded_by": course.recorded_by}
    Course.objects.filter(pk=course.pk).update(state=Course.State.HELD)
    course.state = Course.State.HELD
    return Attendance.objects.create(course=course, volunteer=volunteer, **(defaults | fields))


def make_merge(
    kept: Volunteer | None = None, given_up: Volunteer | None = None, *, by: User | None = None, **fields: Any
) -> Merge:
    """Merge two records as an administrator does; they are made of ``fields`` unless given."""
    kept, given_up = kept or make_volunteer(**fields), given_up or make_volunteer(**fields)
    return merge(kept, given_up, chosen={}, reason="同一个人", by=by or make_user(Role.ADMIN))


# --- grids ------------------------------------------------------------------------------------------


def make_grid(**fields: Any) -> Grid:
    """Make a grid of thirty households, the next of its village."""
    if "village" not in fields:
        fields["village"] = make_village(**({"township": fields.pop("township")} if "township" in fields else {}))
    fields.setdefault("number", Grid.objects.filter(village=fields["village"]).count() + 1)
    fields.setdefault("households", 30)
    return Grid.objects.create(**fields)


def make_grid_import(rows: Iterable[tuple[Any, ...]] = (), *, by: User | None = None, **fields: Any) -> GridImport:
    """Upload a table of grids: rows of village, number, households, boundary and official code; a wrong one if none."""
    number = next(_number)
    by = by or make_user(Role.TOWNSHIP_STAFF)
    defaults = {
        "key": uuid4(),
        "township_id": by.township_id,
        "by": by,
        "file_name": f"网格{number}.xlsx",
        "sha256": f"{number:064x}",
        "header": [names[0] for names in GRID_COLUMNS.values()],
        "columns": {column: place for place, column in enumerate(GRID_COLUMNS)},
        "rows": [[line, list(row)] for line, row in enumerate(rows or [("无此村", "1", "30", "", "")], start=2)],
    }
    defaults |= fields
    return GridImport.objects.create(row_count=len(defaults["rows"]), **defaults)


def make_membership(team: Team, volunteer: Volunteer | None = None, **fields: Any) -> Membership:
    """Put a volunteer, made in the team's village unless one is given, into the team since 2020."""
    volunteer = volunteer or make_volunteer(village=team.grid.village)
    fields.setdefault("joined_on", date(2020, 1, 1))
    return Membership.objects.create(team=team, volunteer=volunteer, **fields)


def make_card_batch(
    grid: Grid | None = None, *, copies: int | None = None, handed_out: int = 0, by: User | None = None
) -> CardBatch:
    """Print cards of a grid, with an active team of its own unless given, and hand some of them out today."""
    grid = grid or make_team(members=3).grid
    if not Channel.objects.active().filter(township=grid.village.township).exists():
        make_channel(township=grid.village.township)
    by = by or make_user(Role.ADMIN)
    made = print_cards({grid.pk: copies or grid.households}, by=by)
    set_cards(made, lambda done, total: None)
    CardPrint.objects.filter(pk=made.pk).update(work_state=CardPrint.WorkState.DONE)
    batch = CardBatch.objects.get(print=made)
    if handed_out:
        make_hand_out(batch, count=handed_out, by=by)
    return CardBatch.objects.get(pk=batch.pk)


def make_hand_out(batch: CardBatch | None = None, *, by: User | None = None, **fields: Any) -> HandOut:
    """Hand out a card of a batch, of its own unless given, today."""
    defaults = {"count": 1, "on": timezone.localdate(), "key": uuid4()}
    return hand_out(batch or make_card_batch(), **(defaults | fields), by=by or make_user(Role.ADMIN))


def make_team(*, members: int = 3, **fields: Any) -> Team:
    """Make an active team since 2020 with ``members`` volunteers of different skill types, the first its leader.

    With ``members=0`` it is forming.
    """
    number = next(_number)
    if "grid" not in fields:
        fields["grid"] = make_grid(**({"township": fields["township"]} if "township" in fields else {}))
    defaults = {"name": f"第{number}服务队", "township": fields["grid"].village.township, "formed_on": date(2020, 1, 1)}
    if members:
        defaults |= {"state": Team.State.ACTIVE, "activated_on": date(2020, 1, 1)}
    team = Team.objects.create(**(defaults | fields))
    for position in range(members):
        make_membership(team, role=Membership.Role.MEMBER if position else Membership.Role.LEADER)
    return team


# --- services: reports and logs -----------------------------------------------------------------------


def make_composition(
    scope: Township | Village | Grid | None = None, *, by: User | None = None, mode: str = "repair"
) -> Composition:
    """Compose teams for the city, or a part of it, as a worker does; nothing of it is accepted."""
    composition = begin_composition(scope, mode=mode, key=uuid4(), by=by or make_user(Role.ADMIN))
    compose(composition, lambda done, total: None)
    Composition.objects.filter(pk=composition.pk).update(work_state=Composition.WorkState.DONE)
    return Composition.objects.get(pk=composition.pk)


def make_category(**fields: Any) -> ServiceCategory:
    """Make a service category with a code of its own."""
    number = next(_number)
    fields.setdefault("code", f"category-{number}")
    fields.setdefault("name", f"第{number}类")
    fields.setdefault("name_en", f"Category {number}")
    return ServiceCategory.objects.create(**fields)


def make_report(*, team: Team | None = None, month: date = date(2026, 7, 1), **fields: Any) -> MonthlyReport:
    """Make a monthly report, open unless a state is given; who submitted and reviewed it follows the state.

    Logs go in while it is open or returned only: for a read month with logs see ``make_read``.
    """
    fields.setdefault("team", team or make_team())
    township = fields.setdefault("township", fields["team"].township)
    state = fields.setdefault("state", MonthlyReport.State.OPEN)
    if state != MonthlyReport.State.OPEN and "submitted_by" not in fields:
        fields |= {"submitted_by": make_user(Role.TOWNSHIP_STAFF, township=township), "submitted_at": timezone.now()}
    if state in ("read", "returned") and "reviewed_by" not in fields:
        fields |= {"reviewed_by": make_user(Role.REVIEWER, township=township), "reviewed_at": timezone.now()}
    report = MonthlyReport.objects.create(month=month, **fields)
    if report.submitted_by is not None:
        ReportContributor.note([report], report.submitted_by)
    return report


def make_log(
    *,
    report: MonthlyReport | None = None,
    team: Team | None = None,
    on: date = date(2026, 7, 6),
    starts: time = time(8),
    minutes: int = 60,
    participants: Iterable[Volunteer] | Mapping[Volunteer, int] | None = None,
    helpers: Iterable[Volunteer] = (),
    **fields: Any,
) -> ServiceLog:
    """Make a log past the domain's checks, in its team's report of the month (made open unless it is there).

    Without ``participants`` all current members of the team take part, each for the whole time.
    """
    if report is None:
        team = team or make_team()
        report = MonthlyReport.objects.filter(team=team, month=on.replace(day=1)).first()
        report = report or make_report(team=team, month=on.replace(day=1))
    team = report.team
    number = next(_number)
    starts_at = timezone.make_aware(datetime.combine(on, starts))
    times = {"date": on, "starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=minutes)}
    if "recorded_by" not in fields:
        fields["recorded_by"] = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    defaults = {
        "key": uuid4(),
        "fingerprint": f"{number:064x}",
        "recipient": f"村民{number}",
        "content": f"第{number}次服务",
        "recorded_at": times["ends_at"],
    }
    if "category" not in fields:
        defaults["category"] = ServiceCategory.objects.first() or make_category()
    log = ServiceLog.objects.create(
        report=report, team=team, township=report.township, minutes=minutes, **times, **(defaults | fields)
    )
    ReportContributor.note([report], log.recorded_by)
    if participants is None:
        participants = Volunteer.objects.filter(memberships__team=team, memberships__left_on__isnull=True)
    counts = participants if isinstance(participants, Mapping) else dict.fromkeys(participants, minutes)
    helpers = list(helpers)
    Participation.objects.bulk_create(
        Participation(
            log=log,
            volunteer=volunteer,
            team=team,
            minutes=count,
            is_helper=volunteer in helpers,
            is_withdrawn=log.is_withdrawn,
            **times,
        )
        for volunteer, count in (dict(counts) | dict.fromkeys(helpers, minutes)).items()
    )
    return log


def make_request(*, team: Team | None = None, **fields: Any) -> HelpRequest:
    """Make a request that a team has, with a phone of its own unless one is given, and its clocks.

    With ``state`` it is settled as of now; ``answered_at`` and ``arrived_at`` are met as the taps would.
    """
    team = team or make_team()
    number = next(_number)
    if "recorded_by" not in fields:
        fields["recorded_by"] = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    state = fields.pop("state", HelpRequest.State.OPEN)
    met = {Clock.ANSWER: fields.pop("answered_at", None), Clock.ARRIVE: fields.pop("arrived_at", None)}
    closed_at = fields.pop("closed_at", None) or timezone.now()
    defaults = {
        "key": uuid4(),
        "caller": f"村民{number}",
        "phone": f"139{number:08}",
        "content": f"第{number}件事",
        "township": team.township,
        "village": team.grid.village,
        "grid": team.grid,
        "asked_at": closed_at - timedelta(hours=1) if state != HelpRequest.State.OPEN else timezone.now(),
    }
    request = HelpRequest(team=team, **(defaults | fields))
    request.handed_at = request.handed_at or request.asked_at
    request.phone_key, request.place_key = phone_key_of(request.phone), place_key_of(request.place)
    request.code_hash = hash_of(code_of(request.key))
    start(request)
    for clock, at in met.items():
        if at is not None:
            meet(request, clock, at)
    if state == HelpRequest.State.RESOLVED:
        meet(request, Clock.ARRIVE, closed_at)
    if state != HelpRequest.State.OPEN:
        request.state, request.closed_at = state, closed_at
        if state == HelpRequest.State.RESOLVED:
            meet(request, Clock.RESOLVE, closed_at)
        stop(request, closed_at)
    request.save(force_insert=True)
    note_asked(request)
    return request


def make_custody(request: HelpRequest | None = None, **fields: Any) -> CustodyItem:
    """Take an ID card into custody for a request, three hours ago, past the rules; it is out unless it was returned."""
    request = request or make_request()
    defaults = {"key": uuid4(), "what": "身份证1张", "from_whom": request.caller}
    defaults["received_at"] = timezone.now() - timedelta(hours=3)
    defaults["recorded_by"] = fields.pop("recorded_by", None) or request.recorded_by
    return CustodyItem.objects.create(request=request, **(defaults | fields))


def make_page_request(*, village: Village | None = None, grid: Grid | None = None, **fields: Any) -> HelpRequest:
    """Let a resident ask for help on the public page; without a team unless an active one serves the ``grid``."""
    number = next(_number)
    defaults = {"key": uuid4(), "place": f"桥头{number}号", "phone": f"139{number:08}", "content": f"第{number}件事"}
    village = grid.village if grid is not None else village or make_village()
    code = ask_for_help(village=village, grid=grid, **(defaults | fields))
    return followed_by(code)


def make_sent_message(request: HelpRequest | None = None, **fields: Any) -> SentMessage:
    """Make a text to the leader of the request's team that failed, unless other fields are given."""
    request = request or make_request()
    leading = Membership.objects.current().filter(team=request.team, role=Membership.Role.LEADER)
    defaults = {
        "volunteer": leading.get().volunteer,
        "kind": "new",
        "phone_masked": "138****0000",
        "error": "网关没有应答",
        "work_state": SentMessage.WorkState.FAILED,
        "work_attempts": 3,
    }
    return SentMessage.objects.create(request=request, **(defaults | fields))


def make_deadline(
    *, township: Township | None = None, minutes: Minutes | None = None, **fields: Any
) -> RequestDeadline:
    """Make a version of the deadlines of urgent requests, in the whole city unless a township is given."""
    fields.setdefault("urgency", HelpRequest.Urgency.URGENT)
    columns = (minutes or Minutes(20, 60, 600, 5, 30)).as_columns()
    return RequestDeadline.objects.create(township=township, **({"number": 1, "reason": "试点"} | columns | fields))


def make_flagged(log: ServiceLog) -> list[LogFlag]:
    """Judge a made log as if it had been written down now, and return the flags that it got."""
    raise_flags(log)
    return list(log.flags.all())


def make_flag(log: ServiceLog | None = None, *, rule: str = "late", answer: str = "", **fields: Any) -> LogFlag:
    """Put a flag on a log past the rules that would raise it; with an ``answer`` it was answered by a reviewer."""
    log = log or make_log()
    if answer:
        fields.setdefault("answered_by", make_user(Role.REVIEWER, township=log.township))
        fields.setdefault("answered_at", timezone.now())
    return LogFlag.objects.create(log=log, rule=rule, answer=answer, **fields)


def make_sampled(report: MonthlyReport, *, by: User | None = None, **found: Any) -> SampledReport:
    """Draw a sample that holds just this read month; ``found`` is what a second look found."""
    text = written([report.pk])
    sample = Sample.objects.create(
        key=uuid4(),
        first_month=report.month,
        last_month=report.month,
        percent=100,
        seed=f"{next(_number):032x}",
        population=text,
        population_count=1,
        population_hash=sha256(text.encode()).hexdigest(),
        size=1,
        drawn_by=by or make_user(Role.REVIEWER),
    )
    return SampledReport.objects.create(sample=sample, report=report, place=1, **found)


def make_read(*reports: MonthlyReport, by: User | None = None) -> None:
    """Submit the reports and mark them as read as the offices do, so that their logs count."""
    by = by or make_user(Role.REVIEWER)
    for report in reports:
        submitter = make_user(Role.TOWNSHIP_STAFF, township=report.township)
        submit_month(report, nil_confirmed=True, by=submitter)
        read_month(report, by=by)
        report.refresh_from_db()


def make_read_log(**fields: Any) -> ServiceLog:
    """Make a log, as ``make_log`` does, in a month that has been read since."""
    log = make_log(**fields)
    make_read(log.report)
    log.refresh_from_db()
    return log


def make_correction(log: ServiceLog | None = None, *, by: User | None = None, **changes: Any) -> Correction:
    """Ask for a correction of a read month's log: an hour later unless ``changes`` say what, or ``strike=True``."""
    log = log or make_read_log()
    by = by or make_user(Role.TOWNSHIP_STAFF, township=log.township)
    reason = changes.pop("reason", "时间记错了")
    if changes.pop("strike", False):
        return ask_strike(log, key=uuid4(), reason=reason, by=by)
    hour = timedelta(hours=0 if changes else 1)
    entry = {
        "date": log.date,
        "starts_at": log.starts_at + hour,
        "ends_at": log.ends_at + hour,
        "category": log.category,
        "recipient": log.recipient,
        "content": log.content,
        "place": log.place,
        "people_served": log.people_served,
        "participants": dict(log.participations.values_list("volunteer", "minutes")),
    }
    return ask_change(log, key=uuid4(), reason=reason, by=by, **(entry | changes))


def make_visit_plan(team: Team, **fields: Any) -> VisitPlan:
    """Make a weekly round of the team since 1 July 2026, to a recipient of its own unless one is given."""
    number = next(_number)
    fields.setdefault("recipient", f"老人{number}")
    fields.setdefault("starts_on", date(2026, 7, 1))
    fields.setdefault("recipient_key", key_of_recipient(fields["recipient"]))
    if "recorded_by" not in fields:
        fields["recorded_by"] = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    return VisitPlan.objects.create(team=team, **fields)


# --- services: imports of logs ------------------------------------------------------------------------

IMPORT_COLUMNS = ("team", "date", "starts", "ends", "category", "people", "recipient", "content")


def make_log_import(
    *, team: Team | None = None, rows: Iterable[Iterable[Any]] | None = None, **fields: Any
) -> LogImport:
    """Make an uploaded table, its cells in the order of ``IMPORT_COLUMNS``: one row is new and one is wrong."""
    team = team or make_team()
    if "by" not in fields:
        fields["by"] = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    if rows is None:
        number = Membership.objects.filter(team=team).order_by("id").values_list("volunteer__number", flat=True)[0]
        rows = [
            [team.name, "2026-07-06", "15:00", "16:00", "走访", number, "村民老陈", "送药上门"],
            [team.name, "2026-07-06", "15:00", "14:00", "走访", number, "村民老李", "送药上门"],
        ]
    numbered = [[number, list(cells)] for number, cells in enumerate(rows, start=2)]
    defaults = {
        "key": uuid4(),
        "township": fields["by"].township,
        "file_name": "纸质日志.xlsx",
        "sha256": f"{next(_number):064x}",
        "header": list(IMPORT_COLUMNS),
        "columns": {column: place for place, column in enumerate(IMPORT_COLUMNS)},
        "row_count": len(numbered),
    }
    return LogImport.objects.create(rows=numbered, **(defaults | fields))


def make_volunteer_import(
    rows: Iterable[Iterable[str]] | None = None, *, by: User | None = None, file_name: str = "义工.csv"
) -> VolunteerImport:
    """Upload a list of volunteers, the names of its columns first; its columns are to be confirmed."""
    rows = rows or [["姓名", "性别", "出生日期", "手机"], ["张三", "男", "1980-01-01", "13800000001"]]
    data = "\n".join(",".join(row) for row in rows).encode()
    return upload_volunteers(
        read_sheets(data, {}),
        key=uuid4(),
        file_name=file_name,
        sha256=sha256(data).hexdigest(),
        by=by or make_user(Role.TOWNSHIP_STAFF),
    )


def make_notice(**fields: Any) -> Notice:
    """Make a notice that was opened today for a week, past the domain's checks."""
    today = timezone.localdate()
    if "township" not in fields:
        fields["township"] = make_township()
    defaults = {"month": date(2026, 7, 1), "opened_on": today, "closes_on": today + timedelta(days=7)}
    defaults |= {"working_days": 5, "days_known": True}
    if "opened_by" not in fields:
        fields["opened_by"] = make_user(Role.REVIEWER)
    return Notice.objects.create(**(defaults | fields))


def make_feedback(
    badge: Badge | None = None, *, answer: str = "", made_at: datetime | None = None, **told: Any
) -> Feedback:
    """Let a resident complain about whose badge it is, a volunteer's of their own unless given, now unless given.

    With an ``answer`` the township's staff have given it.
    """
    badge = badge or make_badge()
    defaults = {"kind": Feedback.Kind.COMPLAINT, "text": "来时没有戴义工证"}
    key = uuid4()
    with time_machine.travel(made_at, tick=False) if made_at else nullcontext():
        give_feedback(badge, key=key, **(defaults | told))
    feedback = Feedback.objects.get(key=key)
    if answer:
        feedback = answer_feedback(
            feedback, answer=answer, by=make_user(Role.TOWNSHIP_STAFF, township=feedback.township)
        )
    return feedback


# --- certificates -----------------------------------------------------------------------------------


def make_certificate(volunteer: Volunteer, *, by: User | None = None, **fields: Any) -> Certificate:
    """Issue a certificate as the office does, for the first half of 2026; the volunteer has counted services there."""
    issued = {
        "key": uuid4(),
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 6, 30),
        "office": "大荆镇组织办公室",
        "head": "陈志明",
        "handler": "林晓燕",
        "contact": "0577-62230000",
        "by": by or make_user(Role.TOWNSHIP_STAFF, township=volunteer.township),
    }
    return issue_certificate(volunteer, **(issued | fields))
