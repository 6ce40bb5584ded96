"""The pages of training: what people see, type and send."""

import io
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from common.models import Attempts
from tests.factories import (
    make_attendance,
    make_course,
    make_invitation,
    make_provider,
    make_township,
    make_village,
    make_volunteer,
)
from volunteers.models import Attendance, Course, OpenName, Provider
from volunteers.views.training_sign_in import FOR_ONE_NUMBER, FROM_ONE_LINE

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client_of):
    return client_of(Role.TOWNSHIP_STAFF)


@pytest.fixture
def course(staff):
    return make_course(township=staff.user.township, recorded_by=staff.user)


def form(**fields):
    values = {
        "key": str(uuid4()),
        "title": "急救培训",
        "content": "knowledge",
        "speciality": "",
        "provider": "",
        "new_provider": "",
        "new_provider_kind": "",
        "capacity": "40",
        "starts_on": "2026年7月6日",
        "ends_on": "2026-07-06",
        "begins_at": "8：30",
        "closes_at": "16:30",
        "hours": "6.5",
        "place": "党校",
    }
    return values | fields


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


# --- Planning -------------------------------------------------------------------------------------------


def test_course_is_planned_with_a_new_provider(staff):
    response = staff.post(
        reverse("training:course_create"), form(new_provider="市委党校", new_provider_kind="party_school")
    )

    course = Course.objects.get()
    assert response.url == course.get_absolute_url()
    assert (course.minutes, course.starts_on, course.township) == (390, date(2026, 7, 6), staff.user.township)
    assert (course.provider.name, course.provider.kind) == ("市委党校", "party_school")


def test_refused_course_comes_back_filled_and_leaves_no_provider(staff):
    response = staff.post(
        reverse("training:course_create"),
        form(new_provider="市委党校", new_provider_kind="party_school", hours="9", title="急救培训班"),
    )

    assert response.status_code == 422
    assert "8.0 hours at most" in text_of(response)
    assert "急救培训班" in text_of(response)
    assert not Course.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Choose who gives the course, or write a new one."),
        ({"new_provider": "市委党校"}, "Say of what kind the new provider is."),
        ({"hours": "很久"}, "Write hours like 6, 3.5 or 3:20."),
        ({"hours": "0"}, "Write how many hours the course comes to."),
        ({"starts_on": "2026-02-30"}, "First day"),
        ({"capacity": "0"}, "Places"),
        ({"content": "?"}, "Kind of content"),
    ],
)
def test_what_is_missing_or_wrong_is_said(staff, fields, says):
    response = staff.post(reverse("training:course_create"), form(**fields))

    assert response.status_code == 422
    assert says in text_of(response)
    assert not Course.objects.exists()


def test_known_provider_and_a_new_one_are_not_both_taken(staff):
    provider = make_provider()

    response = staff.post(
        reverse("training:course_create"),
        form(provider=provider.pk, new_provider="市委党校", new_provider_kind="party_school"),
    )

    assert "not both" in text_of(response)
    assert list(Provider.objects.all()) == [provider]


def test_admin_plans_for_some_townships_of_the_city(client_of):
    admin, township = client_of(Role.ADMIN), make_township()

    admin.post(reverse("training:course_create"), form(provider=make_provider().pk, townships=[township.pk]))

    course = Course.objects.get()
    assert (course.township, list(course.townships.all())) == (None, [township])


def test_edit_shows_the_hours_exactly_and_keeps_them(staff, course):
    Course.objects.update(minutes=200)
    url = reverse("training:course_edit", args=[course.pk])
    page = text_of(staff.get(url))
    assert 'value="3:20"' in page

    values = form(provider=course.provider_id, hours="3:20", version="0", title="新名")
    response = staff.post(url, values)

    course.refresh_from_db()
    assert (response.status_code, course.title, course.minutes) == (302, "新名", 200)


def test_edit_from_an_old_page_comes_back_and_succeeds_after_comparing(staff, course):
    url = reverse("training:course_edit", args=[course.pk])
    values = form(provider=course.provider_id, version="0")
    Course.objects.update(version=3)

    refused = staff.post(url, values)
    again = staff.post(url, values | {"version": "3"})

    assert (refused.status_code, 'name="version" value="3"' in text_of(refused)) == (422, True)
    assert again.status_code == 302


def test_cancelling_without_a_reason_comes_back_open(staff, course):
    response = staff.post(reverse("training:course_cancel", args=[course.pk]), {"reason": " "})

    assert response.status_code == 422
    assert '<details class="action" open>' in text_of(response)


# --- Attendance by list ---------------------------------------------------------------------------------


def preview(client, course, text, **fields):
    return client.post(reverse("training:roll", args=[course.pk]), {"text": text, **fields})


def fields_of(response):
    """Return the hidden fields that the preview carries along."""
    page = response.content.decode()
    text = re.search(r'<textarea name="text" hidden>\n(.*?)</textarea>', page, re.DOTALL)[1]
    return {
        "text": text,
        "default": re.search(r'name="default" value="([^"]*)"', page)[1],
        "seen": re.search(r'name="seen" value="([^"]*)"', page)[1],
    }


def test_list_is_looked_at_and_then_recorded(staff, course):
    people = [make_volunteer(township=staff.user.township, name=name) for name in ("张三", "李四")]
    looked = preview(staff, course, "张三\t合格\n李四\n王五")
    assert not Attendance.objects.exists()
    assert "Record 2 persons" in text_of(looked)

    saved = staff.post(reverse("training:roll", args=[course.pk]), fields_of(looked) | {"step": "save"}, follow=True)

    assert set(course.attendances.values_list("volunteer", "result")) == {
        (people[0].pk, "passed"),
        (people[1].pk, "not_assessed"),
    }
    assert [name.line for name in OpenName.objects.all()] == ["王五"]
    assert "王五" in text_of(saved)


def test_doubtful_name_is_chosen_among_its_candidates(staff, course):
    first, second = (make_volunteer(township=staff.user.township, name="张三") for _person in range(2))
    looked = preview(staff, course, "张三")
    assert f"张三({first.number})" in text_of(looked)

    staff.post(
        reverse("training:roll", args=[course.pk]),
        fields_of(looked) | {"step": "save", "choice-1": str(second.pk), "choice-x": "1", "choice-999": "skip"},
    )

    assert list(course.attendances.values_list("volunteer", flat=True)) == [second.pk]


def test_list_that_means_something_else_by_now_is_shown_once_more(staff, course):
    looked = preview(staff, course, "张三")
    make_volunteer(township=staff.user.township, name="张三")

    again = staff.post(reverse("training:roll", args=[course.pk]), fields_of(looked) | {"step": "save"})

    assert again.status_code == 409
    assert "something else than a moment ago" in text_of(again)
    assert not Attendance.objects.exists()


def test_list_is_changed_without_losing_it(staff, course):
    response = staff.post(reverse("training:roll", args=[course.pk]), {"text": "张三\n李四", "step": "change"})

    assert response.status_code == 200
    assert "张三\n李四</textarea>" in response.content.decode()


def test_open_names_stand_in_the_form_to_be_looked_up_again(staff, course):
    OpenName.objects.create(course=course, township=staff.user.township, line="王五 供电所", recorded_by=staff.user)

    assert "王五 供电所</textarea>" in staff.get(reverse("training:roll", args=[course.pk])).content.decode()


def test_workbook_is_read_as_a_list(staff, course):
    person = make_volunteer(township=staff.user.township, name="张三", number="0000012")
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "培训签到表")
        sheet.write_row(1, 0, ["序号", "姓名", "编号", "结果"])
        sheet.write_row(2, 0, [1, "张三", 12, "合格"])
    file = SimpleUploadedFile("签到.xlsx", data.getvalue())

    looked = preview(staff, course, "", file=file)

    assert f"张三({person.number})" in text_of(looked)
    assert fields_of(looked)["text"].count("\n") == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "empty"), (b"MZ\x90\x00\x03\x00" * 40, "no spreadsheet"), (b"PK\x03\x04 rubbish", "cannot be read")],
)
def test_file_that_is_no_spreadsheet_is_refused(staff, course, data, says):
    response = preview(staff, course, "", file=SimpleUploadedFile("签到.xlsx", data))

    assert response.status_code == 422
    assert says in text_of(response)


def test_nothing_and_too_many_names_are_refused(staff, course):
    for text, says in (("", "Paste the list"), ("张三\n" * 601, "more than 600 people")):
        response = preview(staff, course, text)
        assert response.status_code == 422
        assert says in text_of(response)


def test_list_for_a_course_to_come_is_not_taken(staff):
    course = make_course(township=staff.user.township, starts_on=timezone.localdate() + timedelta(days=3))

    assert "from that day on" in text_of(staff.get(reverse("training:roll", args=[course.pk])))
    assert preview(staff, course, "张三").status_code == 422


def test_staff_see_their_own_people_only_in_the_citys_course(staff):
    course = make_course()
    own, other = make_volunteer(township=staff.user.township, name="本镇人"), make_volunteer(name="外镇人")
    for person in (own, other):
        make_attendance(course, person)
        make_invitation(course, person)

    for name in ("training:course_detail", "training:course_invited", "training:sheet"):
        page = text_of(staff.get(reverse(name, args=[course.pk])))
        assert ("本镇人" in page, "外镇人" in page) == (True, False)
    assert "外镇人" not in text_of(staff.get(reverse("training:attendance_list")))


# --- Inviting -------------------------------------------------------------------------------------------


def test_all_found_are_invited_within_the_places(staff):
    village = make_village(township=staff.user.township)
    people = [make_volunteer(village=village) for _person in range(4)]
    course = make_course(township=staff.user.township, starts_on=timezone.localdate() + timedelta(days=3), capacity=3)
    make_attendance(make_course(), people[0])

    response = staff.post(reverse("training:invite_add", args=[course.pk]) + "?need=", {"all": "on"}, follow=True)

    assert set(course.invitations.values_list("volunteer", flat=True)) == {each.pk for each in people[1:]}
    assert "3 volunteers were invited." in text_of(response)
    assert "1 was not" in text_of(response)


def test_chosen_in_the_list_of_needs_are_invited_to_a_course_chosen_then(staff):
    person, other = (make_volunteer(township=staff.user.township) for _person in range(2))
    course = make_course(township=staff.user.township, starts_on=timezone.localdate() + timedelta(days=3))
    url = reverse("training:invite_chosen")

    asked = staff.post(url, {"key": [person.pk]})
    without = staff.post(url, {"key": [person.pk], "step": "invite"})
    staff.post(url, {"key": [person.pk], "step": "invite", "course": course.pk})

    assert (asked.status_code, course.title in text_of(asked)) == (200, True)
    assert (without.status_code, "Choose the course." in text_of(without)) == (422, True)
    assert list(course.invitations.values_list("volunteer", flat=True)) == [person.pk]
    assert other.pk not in course.invitations.values_list("volunteer", flat=True)


def test_ticked_invitations_are_taken_back(staff):
    course = make_course(township=staff.user.township, starts_on=timezone.localdate() + timedelta(days=3))
    first, second = (make_invitation(course, make_volunteer(township=staff.user.township)) for _person in range(2))
    foreign = make_invitation(make_course(), make_volunteer())

    response = staff.post(
        reverse("training:invitation_take_back", args=[course.pk]), {"key": [first.pk, foreign.pk]}, follow=True
    )

    assert list(course.invitations.all()) == [second]
    assert "1 invitation was taken back." in text_of(response)
    assert foreign.course.invitations.exists()


@pytest.mark.parametrize("course", ["", "0", "x", "99999999999999999999999"])
def test_course_that_is_not_there_is_refused(staff, course):
    person = make_volunteer(township=staff.user.township)

    response = staff.post(reverse("training:invite_chosen"), {"key": [person.pk], "step": "invite", "course": course})

    assert response.status_code == 422


def test_needs_are_narrowed_down(staff):
    never, trained = (make_volunteer(township=staff.user.township, name=name) for name in ("没培训", "培训过"))
    make_attendance(make_course(), trained)
    url = reverse("training:need_list")

    for query, expected in (
        ({"need": "never"}, (True, False)),
        ({"need": "primary"}, (True, True)),
        ({"since": "2026-07-07"}, (True, True)),
        ({"since": "2026-07-06"}, (True, False)),
        ({"skill": trained.primary_skill_id}, (False, True)),
        ({"need": "?"}, (False, False)),
    ):
        page = text_of(staff.get(url, query))
        assert (never.name in page, trained.name in page) == expected, query


# --- Figures --------------------------------------------------------------------------------------------


def test_every_figure_is_its_rows(client_of):
    admin = client_of(Role.ADMIN)
    home, other = make_volunteer(), make_volunteer()
    july, june = make_course(content="knowledge"), make_course(starts_on=date(2026, 6, 1))
    for course, person in ((july, home), (june, home), (june, other)):
        make_attendance(course, person)
    make_course()  # planned only

    page = admin.get(reverse("training:figures"), {"period": "2026"})
    rows = [page.context["total"], *page.context["by_month"], *page.context["by_content"], *page.context["by_township"]]

    assert len(rows) == 1 + 2 + 2 + 2
    for row in rows:
        for figure, url in (
            (row["courses"], row["courses_url"]),
            (row["persons"], row["persons_url"]),
            (row["times"], row["times_url"]),
        ):
            assert admin.get(url).context["page"].count.number == figure, (row["label"], url)
    assert (rows[0]["courses"], rows[0]["persons"], rows[0]["times"], rows[0]["minutes"]) == (2, 2, 3, 1080)


@pytest.mark.parametrize("query", [{"period": "?"}, {"period": "2026-13"}, {"township": "x"}, {"township": "999999"}])
def test_figures_of_what_is_not_understood_say_so(client_of, query):
    page = client_of(Role.ADMIN).get(reverse("training:figures"), query)

    assert page.status_code == 200
    assert 'role="alert"' in text_of(page)


# --- Signing in -----------------------------------------------------------------------------------------


@pytest.fixture
def today():
    return make_course(starts_on=timezone.localdate())


def test_visitor_signs_in_with_number_and_phone(today):
    person = make_volunteer(name="保密人", number="0000019", phone="13812345678")
    client = Client()

    response = client.post(today.get_sign_in_url(), {"number": "１９", "phone_tail": "5678"})
    again = client.post(today.get_sign_in_url(), {"number": "0000019", "phone_tail": "5678"})

    assert list(today.attendances.values_list("volunteer", "how")) == [(person.pk, "sign_in")]
    assert "You are signed in" in text_of(response)
    assert "already" in text_of(again)
    assert "保密人" not in text_of(response) + text_of(again)
    assert response["Cache-Control"].count("no-store") == 1
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_sign_in_page_is_small_and_works_without_scripts_of_its_own(today):
    page = Client().get(today.get_sign_in_url())

    assert len(page.content) < 20_000
    assert b"htmx" not in page.content.replace(b"htmx-config", b"")


def test_wrong_tries_are_counted_and_honest_ones_are_not(today):
    people = [make_volunteer(phone=f"1381234{number:04}") for number in range(3)]
    client = Client()
    for person in people * 30:  # one classroom, one line
        assert (
            client.post(today.get_sign_in_url(), {"number": person.number, "phone_tail": person.phone[-4:]}).status_code
            == 200
        )

    statuses = [
        client.post(today.get_sign_in_url(), {"number": people[0].number, "phone_tail": "9999"}).status_code
        for _try in range(FOR_ONE_NUMBER.most + 1)
    ]

    assert statuses == [422] * FOR_ONE_NUMBER.most + [429]
    right = {"number": people[0].number, "phone_tail": people[0].phone[-4:]}
    assert client.post(today.get_sign_in_url(), right).status_code == 429


def test_one_line_guesses_at_many_numbers_no_more_often_than_allowed(today):
    client = Client()

    statuses = [
        client.post(today.get_sign_in_url(), {"number": f"{number:07}", "phone_tail": "0000"}).status_code
        for number in range(FROM_ONE_LINE.most + 1)
    ]

    assert statuses == [422] * FROM_ONE_LINE.most + [429]
    assert Attempts.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"number": "", "phone_tail": ""},
        {"number": "12345678", "phone_tail": "5678"},
        {"number": "٣", "phone_tail": "5678"},
        {"number": "19", "phone_tail": "678"},
        {"number": "19", "phone_tail": "56789"},
        {"number": "\x00", "phone_tail": "5678"},
    ],
)
def test_what_is_no_number_is_not_even_looked_up(today, typed):
    response = Client().post(today.get_sign_in_url(), typed)

    assert response.status_code == 422
    assert not Attempts.objects.exists()


@pytest.mark.parametrize(("days", "says"), [(-2, "is over"), (2, "opens on")])
def test_sign_in_of_another_day_says_when(days, says):
    course = make_course(starts_on=timezone.localdate() + timedelta(days=days))

    page = text_of(Client().get(course.get_sign_in_url()))

    assert says in page
    assert 'name="phone_tail"' not in page


def test_unknown_code_is_not_found():
    assert Client().get(reverse("training:sign_in", args=["bbbbbbbbbb"])).status_code == 404


def test_poster_leads_to_the_sign_in_page(staff, course):
    page = text_of(staff.get(reverse("training:poster", args=[course.pk])))

    assert course.get_sign_in_url() in page
    assert "<svg" in page


# --- The dossier ----------------------------------------------------------------------------------------


def test_dossier_tells_the_courses_and_links_those_that_the_reader_sees(staff):
    person = make_volunteer(township=staff.user.township)
    merged = make_volunteer(township=staff.user.township, status="left", left_on=date(2026, 7, 30), merged_into=person)
    own = make_course(township=staff.user.township, title="本镇班")
    make_attendance(own, person)
    make_attendance(make_course(township=make_township(), title="外镇班"), person)
    make_attendance(make_course(title="全市班"), merged)

    page = text_of(staff.get(person.get_absolute_url()))

    assert "3 courses, 18.0 hours in all." in page
    assert f'<a href="{own.get_absolute_url()}">本镇班</a>' in page
    assert ">外镇班</a>" not in page
    assert "外镇班" in page
