"""The small world in which the access matrix asks every URL as every person."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

from django.utils import timezone

from accounts.models import Reminder, User
from accounts.rights import Role
from areas.models import Channel, Township, Village
from grids.models import (
    CardBatch,
    CardFile,
    CardPrint,
    Composition,
    Grid,
    GridImport,
    HandOut,
    Membership,
    ProposedSeat,
    Team,
)
from services.domain.feedback import give_feedback
from services.domain.objection import make_objection
from services.models import (
    Award,
    Certificate,
    Correction,
    CustodyItem,
    Evidence,
    Feedback,
    HelpRequest,
    LogComment,
    LogFlag,
    LogImport,
    LogPhoto,
    MonthlyReport,
    Notice,
    Objection,
    RecognitionRound,
    RequestPhoto,
    Sample,
    SampledReport,
    SentMessage,
    ServiceCategory,
    ServiceLog,
    VisitPlan,
)
from services.models.request import code_of as request_code_of
from tests.factories import (
    make_acceptance,
    make_application,
    make_attendance,
    make_badge,
    make_badge_print,
    make_card_batch,
    make_certificate,
    make_channel,
    make_composition,
    make_correction,
    make_course,
    make_custody,
    make_flag,
    make_grid_import,
    make_hand_out,
    make_invitation,
    make_log,
    make_log_import,
    make_membership,
    make_merge,
    make_notice,
    make_page_request,
    make_qualification,
    make_read,
    make_reminder,
    make_report,
    make_request,
    make_sampled,
    make_sent_message,
    make_team,
    make_text,
    make_township,
    make_user,
    make_village,
    make_visit_plan,
    make_volunteer,
    make_volunteer_import,
)
from tests.pictures import make_photo, make_request_photo, put_portrait
from volunteers.badge_code import code_of
from volunteers.models import (
    Acceptance,
    Application,
    Attendance,
    Badge,
    BadgePrint,
    Course,
    Merge,
    OpenName,
    ProgrammeText,
    Qualification,
    SkillType,
    Volunteer,
    VolunteerImport,
)

# Everything in the home township bears this word; nobody elsewhere may ever read it.
CANARY = "金丝雀"

# Who asks, besides visitors. «elsewhere»: another township; the other leader leads another team of the same township.
PEOPLE = (
    "staff",
    "staff_elsewhere",
    "leader",
    "other_leader",
    "reviewer",
    "reviewer_elsewhere",
    "city_reviewer",
    "admin",
    "auditor",
)


@dataclass(frozen=True)
class Address:
    """What a public address names its record by, in the place of a key; ``more`` is what follows it there."""

    pk: str
    more: tuple[int, ...] = ()


@dataclass(frozen=True)
class World:
    """One township with everything in it; rows of the table name its records by attribute."""

    people: dict[str, User]
    township: Township
    village: Village
    skill_type: SkillType
    volunteer: Volunteer
    moved_volunteer: Volunteer
    free_volunteer: Volunteer
    qualification: Qualification
    grid: Grid
    empty_grid: Grid
    channel: Channel
    team: Team
    membership: Membership
    composition: Composition
    proposed_seat: ProposedSeat
    category: ServiceCategory
    report: MonthlyReport
    submitted_report: MonthlyReport
    log: ServiceLog
    log_import: LogImport
    grid_import: GridImport
    volunteer_import: VolunteerImport
    photo: LogPhoto
    request: HelpRequest
    errand: HelpRequest
    custody: CustodyItem
    visit_plan: VisitPlan
    visit_log: ServiceLog
    sent_message: SentMessage
    reminder: Reminder
    comment: LogComment
    sample: Sample
    sampled: SampledReport
    flag: LogFlag
    round: RecognitionRound
    scored_round: RecognitionRound
    evidence: Evidence
    award: Award
    read_log: ServiceLog
    correction: Correction
    notice: Notice
    objection: Objection
    application: Application
    apply_address: Address
    certificate: Certificate
    public_certificate: Address
    merge: Merge
    public_notice: Address
    public_objection: Address
    public_text: Address
    badge: Badge
    public_badge: Address
    public_grid: Address
    card_print: CardPrint
    card_file: CardFile
    card_batch: CardBatch
    hand_out: HandOut
    township_to_ask: Address
    village_to_ask: Address
    page_request: HelpRequest
    asked_code: Address
    request_photo: RequestPhoto
    asked_photo: Address
    badge_print: BadgePrint
    draft_text: ProgrammeText
    acceptance: Acceptance
    course: Course
    planned_course: Course
    city_course: Course
    attendance: Attendance
    open_name: OpenName
    sign_in_code: Address
    feedback: Feedback
    public_feedback: Address


def make_world() -> World:
    """Make the world and its people."""
    township = make_township(name=f"{CANARY}镇")
    village = make_village(township=township, name=f"{CANARY}村")
    elsewhere = make_township(name="远方镇")
    people = {
        "staff": make_user(Role.TOWNSHIP_STAFF, township=township),
        "staff_elsewhere": make_user(Role.TOWNSHIP_STAFF, township=elsewhere),
        "leader": make_user(Role.TEAM_LEADER, township=township),
        "other_leader": make_user(Role.TEAM_LEADER, township=township),
        "reviewer": make_user(Role.REVIEWER, township=township),
        "reviewer_elsewhere": make_user(Role.REVIEWER, township=elsewhere),
        "city_reviewer": make_user(Role.REVIEWER),
        "admin": make_user(Role.ADMIN),
        "auditor": make_user(Role.AUDITOR),
    }
    team = _team_led_by(people["leader"], village, name=f"{CANARY}服务队")
    _team_led_by(people["other_leader"], village, name="邻居服务队")
    volunteer = Volunteer.objects.filter(memberships__team=team, user__isnull=True).order_by("pk")[0]
    Volunteer.objects.filter(pk=volunteer.pk).update(name=f"{CANARY}义工")
    volunteer.refresh_from_db()
    read = make_report(team=team, month=date(2026, 4, 1), state=MonthlyReport.State.READ)
    sampled = make_sampled(read, by=people["city_reviewer"])
    log = make_log(team=team, on=date(2026, 7, 6), recipient=f"{CANARY}老人", recorded_by=people["staff"])
    scored = RecognitionRound.objects.create(year=2024)
    evidence = Evidence.objects.create(
        round=scored,
        volunteer=volunteer,
        township=township,
        team=team,
        minutes=20_000,
        services=90,
        satisfied_votes=9,
        valid_votes=10,
        is_eligible=True,
    )
    scored.state, scored.evidence_hash = RecognitionRound.State.SCORED, "0" * 64
    scored.scored_by, scored.scored_at = people["city_reviewer"], timezone.now()
    scored.save()
    read_log = make_log(team=team, on=date(2026, 5, 6), recipient=f"{CANARY}阿公", recorded_by=people["staff"])
    asked_log = make_log(team=team, on=date(2026, 5, 7), recipient=f"{CANARY}阿婆", recorded_by=people["staff"])
    make_read(read_log.report)
    conduct = make_text("conduct", published_by=people["admin"])
    notice = make_notice(township=township, month=date(2026, 5, 1))
    token = make_objection(notice, key=uuid4(), text=f"{CANARY}没来过", contact="13800001234")
    badge = make_badge(volunteer)
    put_portrait(volunteer, by=people["staff"])
    today = timezone.localdate()
    course = make_course(township=township, title=f"{CANARY}培训班", recorded_by=people["staff"])
    planned = make_course(
        township=township, title=f"{CANARY}下期班", starts_on=today + timedelta(days=9), recorded_by=people["staff"]
    )
    city_course = make_course(title="全市培训班", starts_on=today, recorded_by=people["admin"])
    make_attendance(city_course, volunteer)
    make_invitation(planned, volunteer)
    said = give_feedback(badge, key=uuid4(), kind="complaint", text=f"{CANARY}没戴证", phone="13800005678")
    certificate = make_certificate(volunteer, office=f"{CANARY}镇组织办公室", by=people["staff"])
    composition = make_composition(township, by=people["staff"])
    errand = make_request(team=team, caller=f"{CANARY}大伯", recorded_by=people["staff"])
    cards = make_card_batch(team.grid, by=people["staff"])
    return World(
        people=people,
        township=township,
        village=village,
        skill_type=volunteer.primary_skill,
        volunteer=volunteer,
        moved_volunteer=_moved_from(team, to=elsewhere),
        free_volunteer=make_volunteer(village=village, name=f"{CANARY}新人"),
        qualification=make_qualification(volunteer, title=f"{CANARY}资格证", by=people["staff"]),
        grid=team.grid,
        empty_grid=Grid.objects.create(village=village, number=90, households=20),
        channel=make_channel(township=township, label=f"{CANARY}热线", keeper=f"{CANARY}接线员"),
        team=team,
        membership=team.memberships.get(volunteer=volunteer),
        composition=composition,
        proposed_seat=composition.parts.get().seats.get(volunteer=volunteer),
        category=log.category,
        report=log.report,
        submitted_report=make_report(
            team=team,
            month=date(2026, 6, 1),
            state=MonthlyReport.State.SUBMITTED,
            submitted_by=people["staff"],
            submitted_at=timezone.now(),
        ),
        log=log,
        read_log=read_log,
        notice=notice,
        objection=Objection.objects.get(),
        application=make_application(village=village, name=f"{CANARY}申请人"),
        apply_address=Address(township.code),
        certificate=certificate,
        public_certificate=Address(certificate.code),
        merge=make_merge(village=village, name=f"{CANARY}同一人", by=people["admin"]),
        public_notice=Address(notice.code),
        public_objection=Address(token),
        public_text=Address("conduct-1"),
        badge=badge,
        course=course,
        planned_course=planned,
        city_course=city_course,
        attendance=make_attendance(course, volunteer),
        open_name=OpenName.objects.create(
            course=course, township=township, line=f"{CANARY}王五", recorded_by=people["staff"]
        ),
        sign_in_code=Address(planned.code),
        public_badge=Address(code_of(badge)),
        public_grid=Address(team.grid.page_code),
        card_print=cards.print,
        card_file=CardFile.objects.get(print=cards.print),
        card_batch=cards,
        hand_out=make_hand_out(cards, received_by=f"{CANARY}村委会", by=people["staff"]),
        township_to_ask=Address(township.code),
        village_to_ask=Address(village.code),
        page_request=(by_page := make_page_request(village=village, content=f"{CANARY}水管")),
        asked_code=Address(request_code_of(by_page.key)),
        request_photo=(by_resident := make_request_photo(by_page)),
        asked_photo=Address(request_code_of(by_page.key), (by_resident.pk,)),
        badge_print=make_badge_print(badge, by=people["staff"]),
        feedback=Feedback.objects.get(),
        public_feedback=Address(said),
        draft_text=ProgrammeText.objects.drafts().get(kind="standards"),
        acceptance=make_acceptance(volunteer, conduct, entered_by=people["staff"]),
        correction=make_correction(asked_log, by=people["staff"], reason=f"{CANARY}记错了"),
        volunteer_import=make_volunteer_import(
            [["姓名", "手机"], [f"{CANARY}三", "13800000001"]], by=people["staff"], file_name=f"{CANARY}.csv"
        ),
        grid_import=make_grid_import(by=people["staff"], file_name=f"{CANARY}.xlsx"),
        log_import=make_log_import(team=team, by=people["staff"], file_name=f"{CANARY}.xlsx"),
        photo=make_photo(log, by=people["staff"]),
        request=make_request(team=team, caller=f"{CANARY}阿婆", recorded_by=people["leader"]),
        errand=errand,
        custody=make_custody(errand, what=f"{CANARY}存折", recorded_by=people["staff"]),
        reminder=make_reminder(people["leader"], team=team.name),
        visit_log=make_log(
            team=team,
            on=date(2026, 7, 9),
            category=ServiceCategory.objects.get(code="visit"),
            recipient=f"{CANARY}大爷",
            recorded_by=people["staff"],
        ),
        sent_message=make_sent_message(make_request(team=team, caller=f"{CANARY}阿公", recorded_by=people["leader"])),
        visit_plan=make_visit_plan(team, recipient=f"{CANARY}大爷", recorded_by=people["staff"]),
        sample=sampled.sample,
        sampled=sampled,
        comment=LogComment.objects.create(log=log, text=f"{CANARY}？", by=people["reviewer"]),
        flag=make_flag(log=log),
        round=RecognitionRound.objects.create(year=2026),
        scored_round=scored,
        evidence=evidence,
        award=Award.objects.create(round=scored, volunteer=volunteer, chosen_by=people["city_reviewer"]),
    )


def _moved_from(team: Team, *, to: Township) -> Volunteer:
    """Make a volunteer who was in ``team``, moved, and leads a team where they live now."""
    there = make_team(township=to, name="远方服务队", members=0)
    volunteer = make_volunteer(village=there.grid.village, name="远方义工")
    make_membership(team, volunteer, left_on=date(2024, 3, 1), reason=f"离开{CANARY}")
    make_membership(there, volunteer, joined_on=date(2024, 3, 1), role=Membership.Role.LEADER)
    return volunteer


def _team_led_by(leader: User, village: Village, *, name: str) -> Team:
    number = Grid.objects.filter(village=village).count() + 1
    team = make_team(grid=Grid.objects.create(village=village, number=number, households=30), name=name)
    Volunteer.objects.filter(memberships__team=team, memberships__role="leader").update(user=leader)
    return team
