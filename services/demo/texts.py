"""The three texts in force, one of them in its second version, and who has accepted them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random

from services.demo.load import first_pk, stamp, write
from services.demo.scale import Calendar
from volunteers.models import Acceptance, ProgrammeText, Volunteer

WRITTEN = (ProgrammeText, Acceptance)
FIELDS = ("id", "volunteer_id", "text_id", "accepted_on", "how", "entered_by_id", "entered_at")
TEXT_FIELDS = (
    "id", "kind", "number", "title", "title_en", "body", "changes", "in_force_from", "published_by_id", "published_at",
)  # fmt: skip
NEW_RULE = "九、爱护环境。服务结束后清理现场，不留垃圾，不损坏农田和公共设施。"
CHANGES = "增加第九条：服务结束后清理现场，爱护环境。"
# Of those who were there at first all but a few signed; the second version has been round for some weeks.
SIGNED, SIGNED_AGAIN = 0.94, 0.6


class Texts:
    """Publishes the drafts that came with the migrations and enters the townships' paper lists."""

    def __init__(self, calendar: Calendar, offices: Mapping[int, int], admin: int, random: Random) -> None:
        """Take each township's staff account and the administrator's."""
        self.calendar, self.offices, self.admin, self.random = calendar, offices, admin, random
        self.keys = {model: count(first_pk(model)) for model in WRITTEN}

    def accept(self) -> None:
        """Publish, and let people accept: on paper, or with the application if they came later."""
        first, second = self.calendar.months[0], self.calendar.mixed
        texts = list(ProgrammeText.objects.drafts().order_by("kind"))
        for text in texts:
            published = datetime.fromisoformat(self._published(first)).replace(tzinfo=UTC)
            ProgrammeText.objects.filter(pk=text.pk).update(
                in_force_from=first, published_by=self.admin, published_at=published
            )
        conduct = next((text for text in texts if text.kind == ProgrammeText.Kind.CONDUCT), None)
        new = next(self.keys[ProgrammeText])
        if conduct is not None:
            *rules, end = conduct.body.splitlines()
            body = "\n".join([*rules, NEW_RULE, end])
            row = (
                new, conduct.kind, 2, conduct.title, conduct.title_en, body, CHANGES, second.isoformat(), self.admin,
                self._published(second),
            )  # fmt: skip
            write(ProgrammeText, TEXT_FIELDS, [row])
        write(Acceptance, FIELDS, self._acceptances([text.pk for text in texts], first, new if conduct else 0, second))

    def _published(self, in_force_from: date) -> str:
        """Return the morning ten days before, in UTC."""
        return stamp(in_force_from - timedelta(days=10), 9 * 60)

    def _acceptances(self, texts: list[int], first: date, new: int, second: date) -> Iterator[tuple]:
        """Yield who accepted what; the shown leader has not read the new version yet, and is asked at home."""
        people = Volunteer.objects.active().order_by("pk").values_list("pk", "township", "joined_on", "user__username")
        for pk, township, joined, username in people:
            if self.random.random() < SIGNED:
                for text in texts:
                    yield self._row(pk, township, text, max(first, joined), came_later=joined >= first)
            if new and username != "leader" and self.random.random() < SIGNED_AGAIN:
                yield self._row(pk, township, new, max(second, joined), came_later=joined >= second)

    def _row(self, pk: int, township: int, text: int, begins: date, *, came_later: bool) -> tuple:
        last = (self.calendar.today - begins).days
        day = begins if came_later else begins + timedelta(days=self.random.randint(0, max(0, min(40, last))))
        how = Acceptance.How.APPLICATION if came_later else Acceptance.How.PAPER
        by = None if came_later else self.offices[township]
        return (next(self.keys[Acceptance]), pk, text, day.isoformat(), how, by, stamp(day, 16 * 60))
