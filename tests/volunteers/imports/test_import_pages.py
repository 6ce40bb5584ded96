"""The pages of an import: upload, columns, preview, result, and the wrong rows to be mended."""

import io
from uuid import uuid4

import pytest
import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from common.jobs import Work
from tests.factories import make_user, make_village
from tests.volunteers.imports.office import HEADER, Office, phone_of, work
from tests.volunteers.imports.test_reading import xlsx
from volunteers.models import Volunteer, VolunteerImport

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def page(client, office):
    client.force_login(office.by, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(page, data, name="义工.xlsx", key=None):
    file = SimpleUploadedFile(name, data)
    return page.post(reverse("volunteers:import_create"), {"file": file, "key": str(key or uuid4())})


def shown(page, found, query=""):
    return page.get(found.get_absolute_url() + query).content.decode()


def sheet_of(response):
    return python_calamine.load_workbook(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()


def columns(found, **instead):
    meant = {f"column_{place}": name for name, place in found.columns.items()}
    return meant | instead


def test_from_the_file_to_the_result(page, office):
    response = upload(page, xlsx([HEADER, office.row("张三"), office.row("坏人", 手机="139")]))
    found = VolunteerImport.objects.get()

    assert response.headers["Location"] == found.get_absolute_url()
    mapping = shown(page, found)
    assert "The names of the columns stand in row 1." in mapping
    assert phone_of("张三") in mapping
    page.post(reverse("volunteers:import_map", args=[found.pk]), columns(found))
    assert "2 rows are being checked" in shown(page, found)
    assert shown(page, found).count("hx-get") >= 1
    found = work(found)
    preview = shown(page, found)
    assert preview.index("坏人") < preview.index("张三")
    assert "Count its digits: there are 3." in preview
    assert "D3" in preview
    VolunteerImport.objects.update(work_state=Work.WorkState.DONE)
    page.post(reverse("volunteers:import_confirm", args=[found.pk]), {"seen": found.version, "rows": "good"})
    work(found)
    result = shown(page, found)
    assert "Added: 1. Changed: 0. The same already: 0. Left out: 1." in result
    assert "The new numbers are 0000001 to 0000001." in result
    assert "an administrator admits them" in result
    assert Volunteer.objects.get().name == "张三"


def test_wrong_rows_come_back_are_mended_and_taken(page, office):
    found = office.imported(office.row("坏人", 手机="139"), office.row("张三"))
    response = page.post(reverse("volunteers:import_wrong_rows", args=[found.pk]))
    table = sheet_of(response)

    assert table[0] == [*HEADER, "What is wrong", "How to put it right"]
    assert table[1][:2] == ["坏人", "男"]
    assert "eleven digits" in table[1][-2]
    assert AuditEntry.objects.filter(event="download_wrong_volunteers").count() == 1
    table[1][3] = phone_of("坏人")
    upload(page, xlsx(table))
    again = VolunteerImport.objects.order_by("-pk")[0]
    assert "Nobody knows" not in shown(page, again)
    page.post(reverse("volunteers:import_map", args=[again.pk]), columns(again))
    assert work(again).counts == {"wrong": 0, "changed": 0, "new": 1, "same": 0}


def test_a_changed_cell_shows_old_and_new(page, office):
    office.imported(office.row("张三", 工作单位="供销社"))
    found = office.checked(office.row("张三", 工作单位="大荆小学"))

    assert "<del>供销社</del>" in shown(page, found)
    assert "<ins>大荆小学</ins>" in shown(page, found)
    assert "Import the row" in shown(page, found)


def test_tabs_and_pages_show_their_rows_only(page, office, monkeypatch):
    monkeypatch.setattr("volunteers.views.volunteer_import.PAGE_SIZE", 2)
    found = office.checked(*[office.row(f"李{sign}") for sign in "一二三"], office.row("坏人", 手机="1"))

    assert "坏人" not in shown(page, found, "?rows=new")
    assert [name in shown(page, found, "?rows=new&page=2") for name in ("李一", "李三")] == [False, True]
    for query in ("?rows=nonsense", "?page=99999999999999999999", "?page=x", "?rows=same"):
        assert page.get(found.get_absolute_url() + query).status_code == 200


def test_columns_nobody_knows_are_named_and_two_of_one_meaning_are_refused(page, office):
    upload(page, xlsx([["姓名", "电话", "手机", "血型"], ["张三", "13800001234", "13800001235", "A"]]))
    found = VolunteerImport.objects.get()
    address = reverse("volunteers:import_map", args=[found.pk])

    assert "Nobody knows yet what these columns mean: 血型." in shown(page, found)
    twice = page.post(address, {"column_0": "name", "column_1": "phone", "column_2": "phone"})
    assert twice.status_code == 422
    assert "“电话” is taken for the same." in twice.content.decode()
    nobody = page.post(address, {"column_0": "name"})
    assert "Say which column has the names" in nobody.content.decode()
    assert page.post(address, {"column_0": "password", "column_1": "phone"}).status_code == 422
    assert VolunteerImport.objects.get().state == "mapping"


def test_sheets_are_offered_and_hidden_ones_named(page, office):
    others = [("二组", [["姓名", "手机"], ["李四", "1"]]), ("旧", [["姓名", "手机"], ["x", "1"]])]
    upload(page, xlsx([HEADER, office.row()], sheets=others, hide=["旧"]))
    found = VolunteerImport.objects.get()

    assert "Hidden sheets were left out: 旧." in shown(page, found)
    second = shown(page, found, "?sheet=1")
    assert "李四" in second
    assert "李四" not in shown(page, found, "?sheet=2")
    address = reverse("volunteers:import_map", args=[found.pk])
    page.post(f"{address}?sheet=1", {"column_0": "name", "column_1": "phone"})
    assert VolunteerImport.objects.get().sheet == 1


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"MZ\x90\x00\x03" * 100, "义工.xlsx", "This is no spreadsheet."),
        ("姓名,手机\n".encode(), "义工.csv", "There is no row below the names of the columns."),
        (b"PK\x03\x04xxxx", "义工.xlsx", "This file cannot be read."),
    ],
)
def test_what_cannot_be_read_is_refused_at_the_form(page, data, name, says):
    response = upload(page, data, name)

    assert response.status_code == 422
    assert says in response.content.decode()
    assert not VolunteerImport.objects.exists()


def test_a_file_too_large_is_refused_before_it_is_read(page, settings):
    settings.IMPORT_VOLUNTEERS_MAX_MEGABYTES = 0

    assert "larger than 0 MB" in upload(page, b"x" * 2000).content.decode()


def test_the_same_form_twice_keeps_one_file(page, office):
    key = uuid4()
    data = xlsx([HEADER, office.row()])
    upload(page, data, key=key)
    upload(page, data, key=key)

    assert VolunteerImport.objects.count() == 1
    other = upload(page, xlsx([HEADER, office.row("李四")]), key=key)
    assert "This form was sent before, with another file." in other.content.decode()


def test_a_file_that_was_imported_before_says_so(page, office):
    office.imported(office.row("张三"))
    found = office.uploaded(office.row("张三"))

    assert "The very same file was imported before" in shown(page, found)


def test_villages_of_elsewhere_cannot_be_chosen(page, office):
    found = office.uploaded(office.row())
    strange = make_village()
    response = page.post(reverse("volunteers:import_map", args=[found.pk]), columns(found, village=strange.pk))

    assert response.status_code == 422
    assert strange.name not in response.content.decode()


def test_an_administrator_who_helps_a_township_is_offered_its_villages_only(client, office):
    found = office.uploaded(office.row())
    strange = make_village()
    client.force_login(make_user(Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")

    assert strange.name not in shown(client, found)
    assert (
        client.post(reverse("volunteers:import_map", args=[found.pk]), columns(found, village=strange.pk)).status_code
        == 422
    )


def test_the_template_is_read_back_as_it_is(page, office):
    response = page.get(reverse("volunteers:import_template"))
    book = python_calamine.load_workbook(io.BytesIO(response.content))
    head = book.get_sheet_by_index(0).to_python()[0]

    assert len(book.sheet_names) == 3
    assert "Township" not in head
    assert "ID number" not in head
    choices = book.get_sheet_by_index(1).to_python()
    assert "东岸村" in [row[1] for row in choices]
    row = dict(zip(head, [""] * len(head), strict=True)) | {
        "Name": "张三", "Gender": "男", "Birth date": "1985-03-07", "Mobile phone": "13800001234",
        "Home village": "东岸村", "Skill types": office.farming.name, "Kind of unit": "其他",
    }  # fmt: skip
    upload(page, xlsx([head, list(row.values())]))
    found = VolunteerImport.objects.get()
    page.post(reverse("volunteers:import_map", args=[found.pk]), columns(found))
    assert work(found).counts["new"] == 1


def test_steps_that_are_no_longer_possible_say_so(page, office):
    found = office.imported(office.row())
    for name in ("import_map", "import_remap", "import_discard"):
        response = page.post(reverse(f"volunteers:{name}", args=[found.pk]), columns(found), follow=True)
        assert response.redirect_chain
    assert VolunteerImport.objects.get().state == "done"
    assert (
        "There is no wrong row"
        in page.post(reverse("volunteers:import_wrong_rows", args=[found.pk]), follow=True).content.decode()
    )


def test_the_pages_ask_few_questions_however_many_rows_there_are(page, office, django_assert_max_num_queries):
    found = office.checked(*[office.row(f"李{chr(0x4E00 + place)}") for place in range(90)])

    with django_assert_max_num_queries(25):
        shown(page, found)
    with django_assert_max_num_queries(25):
        page.get(reverse("volunteers:import_list"))
