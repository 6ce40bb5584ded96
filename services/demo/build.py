"""Puts the demo together: township by township, in one transaction, so that there is all of it or nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count, islice
from random import Random

from django.db import transaction

from accounts.models import User
from areas.models import Township, Village
from grids.models import Grid, Membership, Team
from services.demo import (
    answers,
    asking,
    badges,
    calls,
    cards,
    channels,
    composing,
    corrections,
    custody,
    deadlines,
    dossiers,
    drawing,
    feedback,
    joining,
    lists,
    logs,
    lookalikes,
    months,
    paper,
    people,
    photos,
    places,
    plants,
    recipients,
    requests,
    reviews,
    rounds,
    teams,
    texts,
    training,
    visits,
    votes,
)
from services.demo.asked import FIELDS, STEP_FIELDS, Asked
from services.demo.load import chunks, first_pk, go_on_counting, show_to_planner, write
from services.demo.planner import Plan, Shared
from services.demo.scale import TOWNSHIP, Calendar, Scale
from services.demo.users import Accounts, Offices
from services.domain.anonymise import anonymise_requests, forget_contacts
from services.domain.flags import raise_all
from services.domain.rollup import rebuild
from services.models import (
    BallotTally,
    Confirmation,
    HelpRequest,
    LogComment,
    LogImport,
    LogPhoto,
    MonthlyReport,
    Participation,
    RecognitionRound,
    ReportContributor,
    RequestStep,
    ServiceCategory,
    ServiceLog,
    Visit,
    VisitPlan,
)
from volunteers.models import Absence, SkillType, Volunteer

BATCH = 4_000
WRITTEN = (
    User, Volunteer, Absence, Volunteer.further_skills.through, Grid, Team, Membership, MonthlyReport, HelpRequest,
    RequestStep, ServiceLog, Participation, LogComment, ReportContributor, RecognitionRound, BallotTally, VisitPlan,
    Visit, LogImport, LogPhoto, Confirmation, *training.WRITTEN, *texts.WRITTEN,
)  # fmt: skip
# In a city one township is a month ahead of the others and one behind: 虹桥镇 and 仙溪镇.
PACE = {"330382108": 1, "330382102": -1}


@dataclass(frozen=True)
class Step:
    """How far the building is."""

    done: int
    of: int
    name: str


class Builder:
    """Builds one demo in an empty database."""

    def __init__(self, scale: Scale, calendar: Calendar, seed: int, tell: Callable[[Step], None]) -> None:
        """Look up what the rows refer to; ``tell`` is told after each township."""
        self.scale, self.calendar, self.seed, self.tell = scale, calendar, seed, tell
        self.skills = dict(SkillType.objects.values_list("code", "pk"))
        self.categories = dict(ServiceCategory.objects.values_list("code", "pk"))
        self.keys = {model: count(first_pk(model)) for model in WRITTEN}
        self.born_then: Counter[tuple[date, bool]] = Counter()
        self.shared = Shared()
        self.accounts = Accounts(calendar.today, self.random("accounts"))
        self.staff: dict[int, int] = {}
        self.shown: Offices | None = None

    def random(self, purpose: str) -> Random:
        """Return a source of chance of its own: what one township draws changes nothing in another."""
        return Random(f"{self.seed}:{self.scale.name}:{purpose}")

    @transaction.atomic
    def build(self) -> None:
        """Write everything, then the roll-ups of the read months."""
        self.accounts.open_city()
        places.divide()
        round_pk = next(self.keys[RecognitionRound])
        write(RecognitionRound, ("id", "year"), [(round_pk, self.calendar.round_year)])
        townships = list(self._townships())
        for done, (township, villages, teams_there) in enumerate(townships):
            self.tell(Step(done, len(townships) + 1, township.name))
            self._township(township, villages, teams_there, round_pk)
        self.tell(Step(len(townships), len(townships) + 1, "…"))
        training.Training(
            self.calendar, self.staff, self.accounts.city["admin"], self.skills, self.random("training")
        ).hold()
        texts.Texts(self.calendar, self.staff, self.accounts.city["admin"], self.random("texts")).accept()
        go_on_counting(WRITTEN)
        if self.shown is not None:
            calls.call_members(self.shown)
        raise_all(ServiceLog.objects.all())
        answers.answer(self.random("answers"))
        reviews.leave(self.calendar, self.random("reviews"))
        staff = User.objects.get(username="staff")
        paper.upload_pile(staff, self.calendar.today, self.keys[LogImport], self.random("paper"))
        go_on_counting([LogImport])
        rebuild()
        corrections.leave(self.calendar, self.random("corrections"))
        badges.issue(self.calendar.today, self.random("badges"))
        feedback.leave(self.calendar, self.random("feedback"))
        dossiers.fill(self.calendar.today, self.random("dossiers"))
        joining.leave(staff, self.calendar.today, self.random("joining"))
        asking.leave(staff, self.calendar.today, self.random("asking"))
        custody.hand_over(staff, self.calendar.today, self.random("custody"))
        rounds.leave(self.calendar.today, self.random("rounds"))
        lists.upload_list(staff, self.calendar.today, self.random("lists"))
        drawing.tell(staff, self.calendar.today, self.random("drawing"))
        settled = [township for township, _villages, _teams in townships]
        channels.open_channels(settled, self.random("channels"))
        channels.try_out(settled, User.objects.get(username="admin"), self.calendar.today)
        deadlines.set_up(settled, User.objects.get(username="admin"), self.calendar.today)
        cards.print_and_hand_out(self.staff, self.calendar.today, self.random("cards"))
        composing.propose(staff, self.calendar.today, self.random("composing"))
        # A demo of years ago keeps no more of its residents than any other city.
        anonymise_requests()
        forget_contacts()

    def _townships(self) -> Iterator[tuple[Township, list[Village], int]]:
        """Yield the townships with their villages and how many teams each gets, the one with the logins first."""
        found = Village.objects.select_related("township").order_by("code")
        if self.scale.village:
            found = found.filter(code=self.scale.village)
        elif self.scale.township:
            found = found.filter(township__code=self.scale.township)
        by_township: dict[Township, list[Village]] = {}
        for village in found:
            by_township.setdefault(village.township, []).append(village)
        shares = teams.divide(self.scale.teams, [len(villages) for villages in by_township.values()])
        parts = [
            (township, villages, part) for (township, villages), part in zip(by_township.items(), shares, strict=True)
        ]
        yield from sorted(parts, key=lambda part: (part[0].code != TOWNSHIP, part[0].code))

    def _township(self, township: Township, villages: list[Village], teams_there: int, round_pk: int) -> None:
        random = self.random(township.code)
        keys = teams.Keys(self.keys[Volunteer], self.keys[Grid], self.keys[Team])
        place = teams.settle(villages, teams_there, self.calendar, keys, random)
        shown = next((team for team in place.teams if team.state == "active" and team.works and team.leader), None)
        offices = self.accounts.open_township(township, shown)
        self.staff[township.pk] = offices.staff
        self._write_place(place)
        month = months.Months(
            place, self.calendar, offices, PACE.get(township.code, 0) if self.scale.name == "city" else 0,
            self.keys[MonthlyReport], random,
        )  # fmt: skip
        write(MonthlyReport, months.REPORT_FIELDS, month.rows())
        show_to_planner(MonthlyReport)
        plan = Plan(place.teams, self.calendar, self.shared, self.random(f"{township.code}:plan"))
        plants.plant(plan)
        lookalikes.plant(plan)
        services = logs.Township(place, plan, self.calendar, self.keys[ServiceLog], random).services()
        asked = requests.Requests(
            self.calendar,
            offices,
            self.keys[HelpRequest],
            self.random(f"{township.code}:requests"),
            self.categories,
        )
        plans = visits.Visits(
            self.calendar, self.keys[VisitPlan], self.keys[Visit], self.random(f"{township.code}:visits")
        )
        self._write_services(services, month, offices, random, asked, plans)
        self._write_requests(list(asked.others(place.teams)), asked)
        plan_rows, visit_rows = plans.rows(offices.staff, place.teams)
        write(VisitPlan, visits.PLAN_FIELDS, plan_rows)
        write(Visit, visits.VISIT_FIELDS, visit_rows)
        write(
            ReportContributor, ("id", "report_id", "user_id"),
            ((next(self.keys[ReportContributor]), *pair) for pair in sorted(month.contributors)),
        )  # fmt: skip
        if shown and shown.pk == offices.leaders_team:  # where the logins look
            late = (township.pk, self.calendar.today, set(month.read()))
            hung = photos.hang(*late, self.keys[LogPhoto], self.random(f"{township.code}:photos"))
            self.shared.cases["same_photo"] += photos.copies(hung)
            photos.flag(hung)
            recipients.ask(*late, self.keys[Confirmation], self.random(f"{township.code}:recipients"))
            self.shown = offices
        for part in chunks(month.read()):
            MonthlyReport.objects.filter(pk__in=part).update(state=MonthlyReport.State.READ)
        write(
            BallotTally, votes.TALLY_FIELDS,
            votes.tallies(
                place, round_pk, self.calendar.round_year, self.keys[BallotTally],
                self.random(f"{township.code}:votes"),
            ),
        )  # fmt: skip

    def _write_place(self, place: teams.Place) -> None:
        through = Volunteer.further_skills.through
        write(Volunteer, people.FIELDS, (people.row(person, self.skills, self.born_then) for person in place.people))
        write(
            Absence, ("id", "volunteer_id", "since"),
            ((next(self.keys[Absence]), person.pk, person.away) for person in place.people if person.away),
        )  # fmt: skip
        write(
            through, ("id", "volunteer_id", "skilltype_id"),
            ((next(self.keys[through]), *pair) for pair in people.further_skills(place.people, self.skills)),
        )  # fmt: skip
        write(Grid, teams.GRID_FIELDS, place.grids)
        write(Team, teams.TEAM_FIELDS, place.team_rows())
        write(Membership, teams.MEMBERSHIP_FIELDS, place.membership_rows(self.keys[Membership]))

    def _write_requests(self, requested: list[Asked], township: requests.Requests) -> None:
        """Write requests and their steps."""
        write(HelpRequest, FIELDS, (request.row(township.random) for request in requested))
        keys = self.keys[RequestStep]
        write(RequestStep, STEP_FIELDS, (step for request in requested for step in request.steps(keys)))

    def _write_services(
        self,
        services: Iterable[logs.Service],
        month: months.Months,
        offices: Offices,
        random: Random,
        asked: requests.Requests,
        plans: visits.Visits,
    ) -> None:
        """Write the services in batches: a township's are many, and memory stays flat."""
        stream = iter(services)
        for batch in iter(lambda: list(islice(stream, BATCH)), []):
            answered: list[Asked] = []
            log_rows: list[tuple] = []
            participations: list[tuple] = []
            comments: list[tuple] = []
            for service in batch:
                report = month.of(service)
                by_leader = service.team.pk == offices.leaders_team and service.pk % 2
                recorder = offices.leader if by_leader else offices.staff
                assert recorder is not None
                month.contributors.add((report.pk, recorder))
                row = logs.log_row(service, report.pk, self.categories[service.category], recorder, logs.key(random))
                request = asked.of(service, recorder)
                if request:
                    answered.append(request)
                log_rows.append((*row, request.pk if request else None))
                plans.see(service, offices.leaders_team)
                participations += logs.participation_rows(service, row, report.ends == "read", self.keys[Participation])
                comment = month.comment(service, report, self.keys[LogComment])
                if comment:
                    comments.append(comment)
            self._write_requests(answered, asked)
            write(ServiceLog, (*logs.LOG_FIELDS, "request_id"), log_rows)
            show_to_planner(ServiceLog)
            write(Participation, logs.PARTICIPATION_FIELDS, participations)
            write(LogComment, months.COMMENT_FIELDS, comments)
