"""Spreadsheets of logs: uploaded, looked at, taken in once whatever happens in between, and the wrong rows back."""

import io
import zipfile
from datetime import date, datetime, time
from uuid import uuid4

import pytest
import python_calamine
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from grids.models import Membership
from services.domain import log_import as domain
from services.domain.report import submit_month
from services.models import LogImport, ServiceLog
from services.paper.columns import NAMES, TABLE
from services.paper.line import COLUMNS
from tests.factories import make_log, make_log_import, make_team, make_user, make_volunteer
from tests.services.paper.test_workbook import csv, xlsx

pytestmark = pytest.mark.django_db
UPLOAD, LIST, TEMPLATE = "/services/logs/import/", "/services/logs/imports/", "/services/logs/import/template/"
HEADER = [NAMES[column][0] for column in COLUMNS]


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel(datetime.fromisoformat("2026-07-08T12:00:00+08:00"), tick=False):
        yield


@pytest.fixture
def team():
    return make_team(name="东岸村第3网格服务队")


@pytest.fixture
def staff(client_of, team):
    return client_of(Role.TOWNSHIP_STAFF, township=team.township)


def numbers(team):
    return list(Membership.objects.filter(team=team).order_by("id").values_list("volunteer__number", flat=True))


def row(team, /, *, day=6, hour=8, **changes):
    """Return the cells of one log in the order of the columns."""
    cells = [
        team.name,
        f"2026-07-{day:02}",
        f"{hour:02}:00",
        "+60",
        "走访",
        numbers(team)[0],
        "村民老陈",
        "送药",
        "",
        "",
    ]
    return [changes.get(column, cell) for column, cell in zip(COLUMNS, cells, strict=True)]


def upload(client, data, name="七月.xlsx", **fields):
    return client.post(UPLOAD, {"key": str(uuid4()), "file": SimpleUploadedFile(name, data)} | fields)


def uploaded(client, rows):
    answer = upload(client, xlsx([HEADER, *rows]))
    assert answer.status_code == 302, answer.context["form"].errors
    return LogImport.objects.latest("pk")


def start(client, found):
    page = client.get(found.get_absolute_url())
    return client.post(f"{found.get_absolute_url()}start/", {"seen": page.context["seen"]})


def go_on(client, found, **headers):
    return client.post(f"{found.get_absolute_url()}continue/", headers=headers)


def states(client, found):
    return [each["state"] for each in client.get(found.get_absolute_url()).context["rows"]]


# --- uploading ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [("七月.xlsx", xlsx), ("七月.csv", lambda rows: csv([[str(cell) for cell in row] for row in rows], "gb18030"))],
)
def test_file_is_kept_and_shown_and_nothing_is_logged(staff, team, name, data):
    answer = upload(staff, data([HEADER, row(team)]), name)

    found = LogImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, found.get_absolute_url())
    assert (found.file_name, found.row_count, found.by, found.township) == (name, 1, staff.user, team.township)
    assert len(found.sha256) == 64
    assert states(staff, found) == ["new"]
    assert ServiceLog.objects.count() == 0


def test_form_sent_twice_is_one_upload(staff, team):
    key, data = str(uuid4()), xlsx([HEADER, row(team)])
    for _ in range(2):
        upload(staff, data, key=key)

    assert LogImport.objects.count() == 1


def test_another_file_in_the_form_of_the_first_is_not_taken_for_it(staff, team):
    key = str(uuid4())
    upload(staff, xlsx([HEADER, row(team)]), key=key)

    answer = upload(staff, csv([HEADER, row(team), row(team)]), key=key)

    assert answer.status_code == 422
    assert "with another file" in answer.content.decode()
    assert LogImport.objects.get().row_count == 1


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("日志.xlsx", b"%PDF-1.4", "no spreadsheet"),
        ("日志.xlsx", b"", "empty"),
        ("日志.csv", csv([HEADER]), "no row below"),
        ("日志.csv", csv([HEADER, *[["x"] * 10] * 2001]), "more than 2000 rows"),
    ],
)
def test_what_cannot_be_read_is_refused_at_the_file(staff, name, data, says):
    answer = upload(staff, data, name)

    assert (answer.status_code, LogImport.objects.count()) == (422, 0)
    assert says in answer.context["form"].errors["file"][0]


def test_without_a_file_the_form_comes_back(staff):
    assert staff.post(UPLOAD, {"key": str(uuid4())}).context["form"].errors == {"file": ["Choose the file."]}


# --- the preview ------------------------------------------------------------------------------------------


def test_preview_names_cell_value_reason_and_cure(staff, team):
    found = uploaded(staff, [row(team), row(team, category="跳舞")])

    page = staff.get(found.get_absolute_url())

    (problem,) = page.context["rows"][1]["problems"]
    assert (problem["cell"], problem["value"]) == ("E3", "跳舞")
    assert problem["reason"].startswith("There is no category “跳舞”")
    assert problem["cure"] == "Take the category's name or code from the second sheet of the template."
    assert "E3" in page.content.decode()
    assert page.context["counts"] == {"all": 2, "new": 1, "same": 0, "wrong": 1}


def test_preview_has_pages_and_groups(staff, team):
    found = uploaded(
        staff, [row(team, day=1 + place % 6, hour=6 + place // 6) for place in range(60)] + [row(team, date="x")] * 60
    )

    first = staff.get(found.get_absolute_url())
    second = staff.get(f"{found.get_absolute_url()}?rows=wrong&page=9")

    assert (len(first.context["rows"]), first.context["pages"]) == (100, 2)
    assert (len(second.context["rows"]), second.context["page"]) == (60, 1)
    for rubbish in ("?page=x", "?page=-1", "?page=" + "9" * 40, "?rows=%00", "?rows=<b>", "?page=٣"):
        assert staff.get(found.get_absolute_url() + rubbish).status_code == 200


def test_same_file_uploaded_again_says_so_and_is_all_there(staff, team):
    data = xlsx([HEADER, row(team)])
    upload(staff, data)
    first = LogImport.objects.get()
    start(staff, first)
    go_on(staff, first)

    upload(staff, data, "另一个名字.xlsx")

    page = staff.get(LogImport.objects.latest("pk").get_absolute_url())
    assert page.context["twin"] == first
    assert states(staff, LogImport.objects.latest("pk")) == ["same"]
    assert ServiceLog.objects.count() == 1


# --- importing ----------------------------------------------------------------------------------------------


def test_confirmed_rows_become_logs_and_the_others_do_not(staff, team):
    found = uploaded(staff, [row(team), row(team, ends="07:00"), row(team, day=5)])

    start(staff, found)
    found.refresh_from_db()
    assert (found.state, [number for number, _key in found.wanted]) == ("running", [2, 4])
    assert ServiceLog.objects.count() == 0
    go_on(staff, found)

    found.refresh_from_db()
    assert (found.state, found.handled, found.imported_count, found.refused) == ("done", 2, 2, {})
    assert sorted(ServiceLog.objects.values_list("date", flat=True)) == [date(2026, 7, 5), date(2026, 7, 6)]
    assert states(staff, found) == ["same", "wrong", "same"]


def test_each_log_is_an_event_of_its_own(staff, team):
    found = uploaded(staff, [row(team)])
    start(staff, found)
    go_on(staff, found)

    entry = AuditEntry.objects.get_for_object(ServiceLog.objects.get()).order_by("id").first()
    assert (entry.event, entry.actor) == ("record_service", staff.user)


def test_trail_does_not_hold_the_rows(staff, team):
    found = uploaded(staff, [row(team, recipient="独居老人陈阿婆")])

    changes = [str(entry.changes) for entry in AuditEntry.objects.get_for_object(found)]
    assert changes
    assert not any("陈阿婆" in change or "七月" in change for change in changes)


def test_import_goes_on_in_batches_until_it_is_done(staff, team, settings):
    settings.IMPORT_BATCH = 2
    found = uploaded(staff, [row(team, hour=6 + hour) for hour in range(5)])
    start(staff, found)
    running = staff.get(found.get_absolute_url()).content.decode()

    steps = [go_on(staff, found, HX_Request="true") for _ in range(3)]

    assert "hx-trigger" in running
    assert [step.status_code for step in steps] == [200, 200, 204]
    assert 'value="2"' in steps[0].content.decode()
    assert steps[2]["HX-Redirect"] == found.get_absolute_url()
    assert ServiceLog.objects.count() == 5


def test_without_script_a_button_goes_on(staff, team, settings):
    settings.IMPORT_BATCH = 1
    found = uploaded(staff, [row(team), row(team, hour=10)])
    start(staff, found)

    assert go_on(staff, found)["Location"] == found.get_absolute_url()
    assert ServiceLog.objects.count() == 1


class Killed(BaseException):
    """The process ends here."""


def test_killed_in_the_middle_and_run_again_is_once(staff, team, settings, monkeypatch):
    """Between two rows, and between the rows and the note of them: what was written is found again by its key."""
    settings.IMPORT_BATCH = 3
    found = uploaded(staff, [row(team, hour=6 + hour) for hour in range(6)])
    start(staff, found)
    found.refresh_from_db()
    real_record, real_note = domain.record_service, domain.note_progress
    calls = iter(range(100))

    def killed_at_the_second(**entry):
        if next(calls) == 1:
            raise Killed
        return real_record(**entry)

    def killed(*args, **options):
        raise Killed

    monkeypatch.setattr(domain, "record_service", killed_at_the_second)
    with pytest.raises(Killed):
        domain.continue_import(found, by=staff.user)
    monkeypatch.setattr(domain, "record_service", real_record)
    monkeypatch.setattr(domain, "note_progress", killed)
    with pytest.raises(Killed):
        domain.continue_import(found, by=staff.user)
    assert ServiceLog.objects.count() == 3
    found.refresh_from_db()
    assert found.handled == 0
    monkeypatch.setattr(domain, "note_progress", real_note)

    while found.state == "running":
        found = domain.continue_import(found, by=staff.user)

    assert (ServiceLog.objects.count(), found.handled, found.imported_count) == (6, 6, 6)


def test_two_windows_that_go_on_at_once_count_each_row_once(staff, team, settings):
    settings.IMPORT_BATCH = 2
    found = uploaded(staff, [row(team, hour=6 + hour) for hour in range(4)])
    start(staff, found)
    one, other = LogImport.objects.get(pk=found.pk), LogImport.objects.get(pk=found.pk)

    domain.continue_import(one, by=staff.user)
    after = domain.continue_import(other, by=staff.user)

    assert (after.handled, after.imported_count, ServiceLog.objects.count()) == (2, 2, 2)


def test_what_is_refused_meanwhile_is_listed_with_the_reason(staff, team):
    found = uploaded(staff, [row(team), row(team, hour=10)])
    start(staff, found)
    make_log(team=team, on=date(2026, 7, 6), starts=time(10, 30))

    go_on(staff, found)

    found.refresh_from_db()
    assert (found.state, found.imported_count, list(found.refused)) == ("done", 1, ["3"])
    page = staff.get(found.get_absolute_url())
    assert "was in another service at that time" in page.content.decode()
    assert page.context["refused_count"] == 1


def test_rows_are_confirmed_as_they_were_seen(staff, team):
    """The wrong row's team was renamed meanwhile: it is new now, and nobody has seen it as such."""
    found = uploaded(staff, [row(team), row(team, hour=10, team="西岸队")])
    seen = staff.get(found.get_absolute_url()).context["seen"]
    team.name = "西岸队"
    team.save()

    with pytest.raises(RuleBroken, match="something else than a moment ago"):
        domain.start_import(found, seen=seen, by=staff.user)
    answer = staff.post(f"{found.get_absolute_url()}start/", {"seen": seen}, follow=True)

    assert "Look at them once more" in answer.content.decode()
    assert LogImport.objects.get().state == "checked"


def test_row_that_means_something_else_when_its_turn_comes_is_refused(staff, team):
    person = Membership.objects.filter(team=team).order_by("id")[0].volunteer
    other = Membership.objects.filter(team=team).order_by("id")[1].volunteer
    found = uploaded(staff, [row(team, people=person.name)])
    start(staff, found)
    other.name, person.name = person.name, "改名了"
    other.save()
    person.save()

    go_on(staff, found)

    found.refresh_from_db()
    assert ServiceLog.objects.count() == 0
    assert found.refused["2"]["text"].startswith("This row means something else")


def test_month_submitted_meanwhile_refuses_the_rest(staff, team):
    log = make_log(team=team, on=date(2026, 6, 1))
    found = uploaded(staff, [row(team, date="2026-06-06")])
    start(staff, found)
    submit_month(log.report, by=make_user(township=team.township))

    go_on(staff, found)

    found.refresh_from_db()
    assert found.refused["2"]["column"] == "date"
    assert found.state == "done"


def test_nothing_new_is_not_started(staff, team):
    found = uploaded(staff, [row(team, date="x")])
    answer = start(staff, found)

    assert LogImport.objects.get().state == "checked"
    assert "no new row" in staff.get(answer["Location"]).content.decode()
    assert go_on(staff, found).status_code == 302
    assert ServiceLog.objects.count() == 0


def test_import_can_be_confirmed_again_for_what_was_put_right(staff, team):
    found = uploaded(staff, [row(team), row(team, hour=10, team="西岸队")])
    start(staff, found)
    go_on(staff, found)
    team.name = "西岸队"
    team.save()

    # The first row no longer finds its team; the second one does.
    assert states(staff, found) == ["wrong", "new"]
    start(staff, found)
    go_on(staff, found)

    found.refresh_from_db()
    assert (found.state, found.imported_count, ServiceLog.objects.count()) == ("done", 2, 2)


# --- whose it is ----------------------------------------------------------------------------------------------


def test_import_is_the_townships(staff, team, client_of):
    found = uploaded(staff, [row(team)])
    colleague = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    stranger = client_of(Role.TOWNSHIP_STAFF)

    assert colleague.get(found.get_absolute_url()).status_code == 200
    assert stranger.get(found.get_absolute_url()).status_code == 404
    assert list(LogImport.objects.visible_to(make_user(Role.ADMIN))) == []
    assert "七月" not in stranger.get(LIST).content.decode()
    assert "七月" in colleague.get(LIST).content.decode()


def test_leader_sees_the_own_imports_only(staff, team, client_of):
    theirs = uploaded(staff, [row(team)])
    leader = client_of(Role.TEAM_LEADER, township=team.township)
    chief = Membership.objects.get(team=team, role="leader").volunteer
    chief.user = leader.user
    chief.save()
    own = uploaded(leader, [row(team)])

    assert leader.get(theirs.get_absolute_url()).status_code == 404
    assert list(LogImport.objects.visible_to(leader.user)) == [own]


def test_another_townships_team_and_number_are_refused_without_a_word_of_them(staff, team):
    foreign = make_team(name="远方服务队")
    stranger = make_volunteer(name="远方义工")
    found = uploaded(staff, [row(team, team=foreign.name), row(team, people=stranger.number)])

    page = staff.get(found.get_absolute_url())

    assert states(staff, found) == ["wrong", "wrong"]
    assert "远方义工" not in page.content.decode()


# --- files handed out -------------------------------------------------------------------------------------------


def sheets_of(answer):
    workbook = python_calamine.load_workbook(io.BytesIO(answer.content))
    return [workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names]


def test_template_names_what_may_be_written_and_is_recorded(staff, team):
    make_volunteer(name="远方义工")

    answer = staff.post(TEMPLATE)

    logs, codes, explained = sheets_of(answer)
    assert logs == [
        [
            "Team",
            "Date",
            "From",
            "To",
            "Category",
            "Who took part",
            "For whom",
            "What was done",
            "People served",
            "Place",
        ]
    ]
    assert team.name in codes[1]
    assert {line[9] for line in codes[1:]} >= set(numbers(team))
    assert "远方义工" not in str(codes)
    assert len(explained) == 11
    assert AuditEntry.objects.filter(event="download_import_template", actor=staff.user).count() == 1


def test_template_can_be_filled_in_and_uploaded(staff, team):
    table = sheets_of(staff.post(TEMPLATE))[0]

    assert TABLE.read(xlsx([*table, row(team)])).rows[0][0] == 2


def test_leaders_template_names_the_own_team_only(client_of, team):
    leader = client_of(Role.TEAM_LEADER, township=team.township)
    chief = Membership.objects.get(team=team, role="leader").volunteer
    chief.user = leader.user
    chief.save()
    neighbour = make_volunteer(village=team.grid.village, name="邻居义工")

    codes = sheets_of(leader.post(TEMPLATE))[1]

    assert neighbour.number not in str(codes)
    assert chief.number in str(codes)


def test_wrong_rows_come_back_with_reason_and_cure_and_can_be_mended(staff, team):
    found = uploaded(
        staff, [row(team), row(team, hour=10, people=12345, content="=1+1", recipient="@老陈"), row(team, ends="+3")]
    )

    answer = staff.post(f"{found.get_absolute_url()}wrong-rows/")

    (table,) = sheets_of(answer)
    assert table[0][:2] == ["服务队", "日期"]
    assert table[0][-2:] == ["What is wrong", "How to put it right"]
    assert [line[2] for line in table[1:]] == ["10:00", "08:00"]
    assert (table[1][5], table[1][6], table[1][7]) == (12345.0, "@老陈", "=1+1")
    assert "0012345" not in table[1][10]
    assert "Nobody of the township has the number 12345." in table[1][10]
    assert AuditEntry.objects.filter(event="download_wrong_rows").count() == 1

    mended = [table[0], *([*line[:5], numbers(team)[0], *line[6:]] for line in table[1:])]
    mended[2][3] = "+30"
    assert states(staff, uploaded_again(staff, mended)) == ["new", "new"]


def uploaded_again(client, rows):
    upload(client, xlsx(rows))
    return LogImport.objects.latest("pk")


def test_formulas_in_what_is_typed_stay_text(staff, team):
    found = uploaded(staff, [row(team, date="x", content='=HYPERLINK("http://a")', recipient="+1", place="-1")])

    answer = staff.post(f"{found.get_absolute_url()}wrong-rows/")

    sheet = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.casefold()


def test_no_wrong_rows_no_file(staff, team):
    found = uploaded(staff, [row(team)])

    assert staff.post(f"{found.get_absolute_url()}wrong-rows/")["Location"] == found.get_absolute_url()


# --- what the database holds ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"handled": 1},
        {"wanted_count": 2, "handled": 3, "state": "running"},
        {"state": "done", "wanted_count": 2, "handled": 1},
        {"state": "gone"},
        {"row_count": 0},
        {"file_name": "长" * 121},
    ],
)
def test_counters_cannot_contradict_each_other(team, values):
    found = make_log_import(team=team)

    with pytest.raises(DatabaseError), transaction.atomic():
        LogImport.objects.filter(pk=found.pk).update(**values)
