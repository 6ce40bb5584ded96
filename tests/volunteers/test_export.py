"""The list of volunteers taken along: phones in full for whom, what is ticked, what is recorded of it."""

import tempfile
from contextlib import nullcontext
from threading import Event

import pytest
from django.utils import translation

from accounts.models import AuditEntry
from accounts.rights import Role
from common import exports
from tests.export_reading import content_of, read_csv, read_xlsx
from tests.factories import make_village, make_volunteer
from tests.races import in_parallel
from volunteers.filters import VolunteerFilter
from volunteers.models import Volunteer

PATH = "/volunteers/"
pytestmark = pytest.mark.django_db
SEARCH = VolunteerFilter.base_filters["q"].label
FULL, MASKED = "13812345678", "138****5678"


@pytest.fixture
def people():
    village = make_village()
    named = [("陈一", FULL), ("陈二", "13900000002"), ("=陈三", "13900000003")]
    return [make_volunteer(village=village, name=name, phone=phone) for name, phone in named]


def told():
    """What the trail tells of the last file."""
    entry = AuditEntry.objects.filter(event__startswith="export").latest("id")
    return entry, {name: after for name, (_before, after) in entry.changes.items()}


def test_phones_are_masked_unless_they_are_asked_for(people, client_of):
    admin = client_of(Role.ADMIN)

    masked = str(read_csv(admin.post(PATH, {"export": "csv"})))
    full = str(read_csv(admin.post(PATH, {"export": "csv", "full": "on"})))

    assert FULL not in masked
    assert MASKED in masked
    assert FULL in full


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_phones_in_full_are_refused_to_whom_may_not_see_them(role, people, client_of):
    client = client_of(role)

    response = client.post(PATH, {"export": "xlsx", "full": "on"})

    assert response.status_code == 403
    assert FULL not in response.content.decode()
    assert not AuditEntry.objects.filter(event__startswith="export").exists()
    assert 'name="full"' not in client.get(PATH).content.decode()


def test_leader_takes_no_list_along(people, client_of):
    client = client_of(Role.TEAM_LEADER, township=people[0].township)

    assert client.post(PATH, {"export": "csv"}).status_code == 403
    assert client.get(PATH).context["page"].export is None
    assert not AuditEntry.objects.filter(event__startswith="export").exists()


def test_file_is_recorded_with_who_what_and_how_many(people, client_of):
    admin = client_of(Role.ADMIN)
    admin.post(f"{PATH}?status=active&q=陈一", {"export": "xlsx"})
    entry, facts = told()

    assert (entry.event, entry.actor, entry.action) == ("export_list", admin.user, AuditEntry.Action.ACCESS)
    assert (entry.content_type.model_class(), entry.object_repr) == (Volunteer, "Volunteers")
    assert facts == {
        "filters in force": f"{SEARCH}: …; Status: Active",
        "rows taken along": "1",
        "kind of file": ".xlsx",
    }


def test_phones_in_full_are_recorded_as_an_access_of_their_own(people, client_of):
    client_of(Role.ADMIN).post(PATH, {"export": "csv", "full": "on"})
    entry, facts = told()

    assert entry.event == "export_unmasked"
    assert facts["rows taken along"] == "3"
    assert facts["not masked"] == "With phone numbers in full"


def test_ticked_rows_alone_are_taken_along_in_the_lists_order(people, client_of):
    admin = client_of(Role.ADMIN)

    lines = read_csv(admin.post(f"{PATH}?q=nobody", {"export_ticked": "csv", "key": [people[1].pk, people[0].pk]}))

    assert [line[0] for line in lines[1:]] == [
        person.name for person in Volunteer.objects.filter(name__in=["陈一", "陈二"]).order_by("name_pinyin", "id")
    ]
    assert told()[1]["filters in force"] == "Ticked rows: 2"


def test_all_found_is_what_the_filters_find(people, client_of):
    lines = read_csv(client_of(Role.ADMIN).post(f"{PATH}?q=陈二", {"export_ticked": "csv", "all": "on"}))

    assert [line[0] for line in lines[1:]] == ["陈二"]


def test_rows_of_elsewhere_cannot_be_ticked(people, client_of):
    foreign = make_volunteer(name="外人")
    staff = client_of(Role.TOWNSHIP_STAFF, township=people[0].township)

    response = staff.post(PATH, {"export_ticked": "csv", "key": [foreign.pk]})
    both = read_csv(staff.post(PATH, {"export_ticked": "csv", "key": [foreign.pk, people[0].pk]}))

    assert response.status_code == 422
    assert foreign.name not in response.content.decode() + str(both)
    assert told()[1]["rows taken along"] == "1"


@pytest.mark.parametrize(
    ("query", "sent", "words"),
    [
        ("", {}, "Choose the kind of file"),
        ("", {"export": "exe"}, "Choose the kind of file"),
        ("", {"export_ticked": "csv"}, "Nothing was chosen"),
        ("?status=x", {"export": "csv"}, "No file was made"),
    ],
)
def test_what_makes_no_file_is_said_on_the_list(query, sent, words, people, client_of):
    response = client_of(Role.ADMIN).post(PATH + query, sent)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not AuditEntry.objects.filter(event__startswith="export").exists()


def test_more_rows_than_a_file_takes_are_refused(people, client_of, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 2)

    response = client_of(Role.ADMIN).post(PATH, {"export": "csv"})

    assert response.status_code == 422
    assert "A file takes 2 rows at the most." in response.content.decode()


def test_row_that_fails_leaves_neither_record_nor_file_behind(people, client_of, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    people[0].__class__.objects.filter(pk=people[0].pk).update(unit_kind="nonsense")  # as a broken restore might

    with pytest.raises(KeyError):
        client_of(Role.ADMIN).post(PATH, {"export": "xlsx"})

    assert [*tmp_path.iterdir()] == []
    assert not AuditEntry.objects.filter(event__startswith="export").exists()


def test_file_of_a_reader_of_chinese_is_chinese(people, client_of):
    with translation.override("zh-hans"):
        response = client_of(Role.ADMIN).post(PATH, {"export": "xlsx"}, headers={"Accept-Language": "zh-hans"})
        day = exports.timezone.localtime()

    assert f"filename*=utf-8''%E4%B9%89%E5%B7%A5-{day:%Y-%m-%d}.xlsx" in response["Content-Disposition"]
    assert response["Cache-Control"] == "no-store"
    assert next(iter(read_xlsx(response).values()))[0][:2] == ["姓名", "编号"]


def test_workbook_says_what_it_is(people, client_of):
    admin = client_of(Role.ADMIN)

    facts = dict(read_xlsx(admin.post(f"{PATH}?q=陈一", {"export": "xlsx"}))["About this file"])

    assert facts["Taken by"] == f"{admin.user.name} ({admin.user.username})"
    assert facts["Filters in force"] == f"{SEARCH}: 陈一"
    assert facts["Rows"] == "1"


def test_file_asks_no_more_because_there_is_more(people, client_of, django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 100)
    admin = client_of(Role.ADMIN)
    for number in range(30):
        make_volunteer(village=people[0].village, name=f"义工{number:02}")

    with django_assert_max_num_queries(14):
        lines = read_csv(admin.post(PATH, {"export": "csv"}))

    assert len(lines) == 34


def test_long_list_is_read_in_parts_without_a_gap(people, client_of, monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 2)

    lines = read_csv(client_of(Role.ADMIN).post(PATH, {"export": "csv"}))

    ordered = Volunteer.objects.order_by("name_pinyin", "id").values_list("number", flat=True)
    assert [line[1] for line in lines[1:]] == list(ordered)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("around", "second"), [(exports.snapshot, "义工1"), (nullcontext, "改名")])
def test_file_is_of_one_moment_and_keeps_nobody_from_writing(around, second):
    for number in range(2):
        make_volunteer(name=f"义工{number}")
    begun, written = Event(), Event()

    def read() -> list[str]:
        records = Volunteer.objects.order_by("id").values_list("name", flat=True)
        with around():
            found = [*records[:1]]
            begun.set()
            assert written.wait(10)
            return [*found, *records[1:]]

    def write() -> None:
        assert begun.wait(10)
        Volunteer.objects.filter(name="义工1").update(name="改名")
        written.set()

    # Without the snapshot the two halves are of two moments.
    assert in_parallel(read, write)[0] == ["义工0", second]
    assert Volunteer.objects.filter(name="改名").exists()


def test_what_is_sent_is_streamed(people, client_of):
    response = client_of(Role.ADMIN).post(PATH, {"export": "csv"})

    assert int(response["Content-Length"]) == len(content_of(response))
