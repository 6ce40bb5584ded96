"""Certificates on the pages: issued from the dossier, printed, in the register; and checked by anybody."""

import re
from datetime import date
from uuid import uuid4

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from services.certificate_paper import certificate_data, certificate_pdf
from services.domain.certificate import revoke_certificate
from services.models import Certificate, ServiceCategory
from tests.common.test_pdf import fonts_of
from tests.factories import make_certificate, make_log, make_read_log, make_user
from volunteers.id_number import encrypted
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
LIST = reverse("services:certificate_list")
CHECK = reverse("certificates:check")
NUMBER = "330382198001010011"


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel("2026-07-08T04:00:00Z", tick=False):
        yield


@pytest.fixture
def volunteer():
    log = make_read_log(on=date(2026, 5, 6), category=ServiceCategory.objects.get(name="走访"))
    make_log(team=log.team, on=date(2026, 7, 6), minutes=45)
    volunteer = log.participations.order_by("pk")[0].volunteer
    Volunteer.objects.filter(pk=volunteer.pk).update(name="金丝雀", phone="13812345678", number="0000777")
    volunteer.refresh_from_db()
    return volunteer


@pytest.fixture
def staff(client_of, volunteer):
    return client_of(Role.TOWNSHIP_STAFF, township=volunteer.township)


@pytest.fixture
def certificate(volunteer, staff):
    return make_certificate(volunteer, by=staff.user)


def typed(**changes):
    return {
        "key": str(uuid4()),
        "period": "year",
        "starts_on": "",
        "ends_on": "",
        "office": "大荆镇组织办公室",
        "head": "陈志明",
        "handler": "林晓燕",
        "contact": "0577-62230000",
    } | changes


def address(volunteer):
    return reverse("services:certificate_issue", args=[volunteer.pk])


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# --- in the office ----------------------------------------------------------------------------------


def test_the_form_shows_what_each_period_holds(staff, volunteer):
    response = staff.get(address(volunteer))
    shown = [(line["services"], line["hours"], line["waiting_services"]) for line in response.context["figures"]]
    assert shown == [(1, "1.0", 1), (1, "1.0", 1), (0, "0.0", 0)]
    assert response.context["form"]["handler"].value() == staff.user.name


def test_one_form_issues_it_and_the_next_one_remembers_the_office(staff, volunteer):
    response = staff.post(address(volunteer), typed(), follow=True)

    certificate = Certificate.objects.get()
    assert response.redirect_chain == [(certificate.get_absolute_url(), 302)]
    assert (certificate.starts_on, certificate.ends_on) == (date(2026, 1, 1), date(2026, 7, 8))
    assert certificate.number in text_of(response)
    form = staff.get(address(volunteer)).context["form"]
    assert [form[name].value() for name in ("office", "head", "contact")] == [
        "大荆镇组织办公室", "陈志明", "0577-62230000",
    ]  # fmt: skip


def test_days_of_ones_own_are_shown_before_they_are_certified(staff, volunteer):
    own = {"period": "own", "starts_on": "2026-05-06", "ends_on": "2026-05-06"}
    response = staff.post(address(volunteer), typed(**own, preview="1"))
    assert response.status_code == 200
    assert response.context["figures"][-1]["services"] == 1
    assert not Certificate.objects.exists()

    staff.post(address(volunteer), typed(**own))
    assert Certificate.objects.get().starts_on == date(2026, 5, 6)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"period": "own"}, "starts_on"),
        ({"period": "own", "starts_on": "2026-07-01", "ends_on": "2026-06-01"}, "ends_on"),
        ({"period": "own", "starts_on": "2026-07-01", "ends_on": "2027-06-01"}, "ends_on"),
        ({"period": "last"}, "period"),
        ({"period": "ever"}, "period"),
        ({"office": ""}, "office"),
        ({"contact": "长" * 61}, "contact"),
        ({"key": "x"}, "key"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_issued(staff, volunteer, changes, field):
    response = staff.post(address(volunteer), typed(**changes))
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert not Certificate.objects.exists()


def test_the_dossier_lists_them_and_leads_to_the_form(staff, volunteer, certificate):
    page = staff.get(volunteer.get_absolute_url()).content.decode()
    assert certificate.number in page
    assert address(volunteer) in page


def test_reviewers_read_them_and_issue_none(client_of, volunteer, certificate):
    reviewer = client_of(Role.REVIEWER, township=volunteer.township)
    assert certificate.number in reviewer.get(volunteer.get_absolute_url()).content.decode()
    assert address(volunteer) not in reviewer.get(volunteer.get_absolute_url()).content.decode()
    assert reviewer.get(address(volunteer)).status_code == 403


def test_the_register_is_found_through(staff, certificate):
    def found(**query):
        return [row["number"] for row in staff.get(LIST, query).context["page"].rows]

    assert found() == [certificate.number]
    assert found(q="金丝") == found(q="1") == found(q=certificate.number) == [certificate.number]
    assert found(q="没有") == found(q="2") == found(standing="revoked") == found(since="2026-07-09") == []
    assert found(standing="valid", until="2026-07-08") == [certificate.number]
    revoke_certificate(certificate, reason="信息有误", by=staff.user)
    assert found(standing="revoked") == [certificate.number]
    assert found(standing="valid") == found(standing="superseded") == []


@pytest.mark.parametrize("count", [2, 20])
def test_the_register_asks_as_often_for_two_as_for_twenty(staff, volunteer, count, django_assert_max_num_queries):
    for _number in range(count):
        make_certificate(volunteer, by=staff.user)
    with django_assert_max_num_queries(10):
        staff.get(LIST)


def test_printing_gives_the_paper_and_is_recorded(staff, certificate):
    response = staff.post(reverse("services:certificate_print", args=[certificate.pk]))

    names, files = fonts_of(response.content)
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "no-store"
    assert {name.split(b"+")[1].split(b"-")[0] for name in names} == {b"NotoSansSC", b"NotoSerifSC"}
    assert files == 2
    assert AuditEntry.objects.get(event="print_certificate").actor == staff.user


def test_the_paper_has_one_page_whatever_stands_on_it(certificate):
    certificate.categories = [[f"{number:02}{'长' * 28}", 1, 60] for number in range(30)]
    for name in ("office", "contact"):
        setattr(certificate, name, "长" * 60)
    for name in ("name", "head", "handler"):
        setattr(certificate, name, "长" * 40)
    certificate.waiting_services, certificate.waiting_minutes = 1000, 60_000
    data = certificate_data(certificate, "https://yiwang.example/certificates/check/x/")
    pdf = certificate_pdf(certificate, "https://yiwang.example/certificates/check/x/")
    assert len(data["categories"]) == 8
    assert data["categories"][-1] == {"name": "其他", "services": 23, "hours": "23.0"}
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert pdf == certificate_pdf(certificate, "https://yiwang.example/certificates/check/x/")


def test_what_is_not_read_yet_is_said_and_not_certified(staff, volunteer):
    staff.post(address(volunteer), typed())
    data = certificate_data(Certificate.objects.get(), "https://x/")
    assert (data["hours"], data["services"]) == ("1.0", 1)
    assert "另有 1 次、0.7 小时" in data["waiting"]


def test_a_revoked_one_is_not_printed(staff, certificate):
    revoke_certificate(certificate, reason="信息有误", by=staff.user)
    response = staff.post(reverse("services:certificate_print", args=[certificate.pk]), follow=True)
    assert "not printed any more" in text_of(response)


def test_the_id_number_is_printed_where_it_is_kept_and_asked_for(staff, client_of, volunteer, settings):
    assert "with_id_number" not in staff.get(address(volunteer)).context["form"].fields
    settings.ID_NUMBER_KEY = Fernet.generate_key().decode()
    Volunteer.objects.filter(pk=volunteer.pk).update(id_number_encrypted=encrypted(NUMBER), id_number_hash="0" * 64)
    staff.post(address(volunteer), typed(with_id_number="on"))
    certificate = Certificate.objects.get()

    assert certificate_data(certificate, "https://x/")["id_number"] == NUMBER
    assert NUMBER not in staff.get(certificate.get_absolute_url()).content.decode()
    printed = reverse("services:certificate_print", args=[certificate.pk])
    reviewer = client_of(Role.REVIEWER, township=volunteer.township)
    assert "the office that issued it prints it" in text_of(reviewer.post(printed, follow=True))
    assert staff.post(printed).status_code == 200
    assert "with the ID number" in AuditEntry.objects.get(event="print_certificate").changes
    assert NUMBER not in Client().get(certificate.get_public_url()).content.decode()


def test_after_a_move_the_old_office_prints_no_id_number(staff, client_of, volunteer, settings):
    settings.ID_NUMBER_KEY = Fernet.generate_key().decode()
    Volunteer.objects.filter(pk=volunteer.pk).update(id_number_encrypted=encrypted(NUMBER), id_number_hash="0" * 64)
    staff.post(address(volunteer), typed(with_id_number="on"))
    printed = reverse("services:certificate_print", args=[Certificate.objects.get().pk])
    there = make_user(Role.TOWNSHIP_STAFF)
    Volunteer.objects.filter(pk=volunteer.pk).update(township=there.township)

    assert "present township issues a new one" in text_of(staff.post(printed, follow=True))
    assert not AuditEntry.objects.filter(event="print_certificate").exists()
    assert client_of(Role.TOWNSHIP_STAFF, township=there.township).post(printed)["Content-Type"] == "application/pdf"


def test_revoking_and_issuing_anew(staff, certificate):
    response = staff.post(reverse("services:certificate_revoke", args=[certificate.pk]), {"reason": ""})
    assert response.status_code == 422
    response = staff.post(reverse("services:certificate_reissue", args=[certificate.pk]), typed(), follow=True)
    new = Certificate.objects.get(supersedes=certificate)
    assert new.number in text_of(response)
    assert new.number in text_of(staff.get(certificate.get_absolute_url()))
    staff.post(reverse("services:certificate_revoke", args=[new.pk]), {"reason": "信息有误"})
    assert "信息有误" in text_of(staff.get(new.get_absolute_url()))


def test_a_township_elsewhere_reads_none(client_of, certificate):
    elsewhere = client_of(Role.TOWNSHIP_STAFF)
    assert elsewhere.get(certificate.get_absolute_url()).status_code == 404
    assert certificate.name not in elsewhere.get(LIST).content.decode()
    for name in ("print", "reissue", "revoke"):
        address = reverse(f"services:certificate_{name}", args=[certificate.pk])
        assert elsewhere.post(address, {"reason": "x"}).status_code == 404


def test_after_a_move_the_old_office_keeps_its_register(staff, client_of, volunteer, certificate):
    there = make_user(Role.TOWNSHIP_STAFF)
    Volunteer.objects.filter(pk=volunteer.pk).update(township=there.township)
    assert certificate.name in staff.get(LIST).content.decode()
    response = staff.get(reverse("services:certificate_reissue", args=[certificate.pk]), follow=True)
    assert "present township issues a new one" in text_of(response)
    assert certificate.name in client_of(Role.TOWNSHIP_STAFF, township=there.township).get(LIST).content.decode()


# --- for everybody ----------------------------------------------------------------------------------


def test_anybody_checks_it_and_reads_no_more_than_what_is_certified(certificate):
    response = Client().get(certificate.get_public_url())

    page = text_of(response)
    assert response.status_code == 200
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]
    assert "This certificate is valid" in page
    for said in (certificate.number, "1.0", certificate.office):
        assert said in page
    for hidden in ("金丝雀", certificate.volunteer_number, "13812345678", "陈志明", "林晓燕", "0577-62230000", "走访"):
        assert hidden not in page
    assert len(response.content) < 100_000


def test_who_agreed_is_named(certificate):
    Volunteer.objects.filter(pk=certificate.volunteer_id).update(shows_name=True)
    assert "金丝雀" in text_of(Client().get(certificate.get_public_url()))
    Volunteer.objects.filter(pk=certificate.volunteer_id).update(shows_name=False)
    assert "金丝雀" not in text_of(Client().get(certificate.get_public_url()))


def test_the_name_on_the_paper_is_compared(certificate):
    client = Client()
    assert "This is the name" in text_of(client.post(certificate.get_public_url(), {"name": " 金丝雀 "}))
    response = client.post(certificate.get_public_url(), {"name": "金丝鸟"})
    assert "This is not the name" in text_of(response)
    assert client.post(certificate.get_public_url(), {"name": ""}).status_code == 422


def test_names_are_not_tried_by_the_dozen(certificate):
    client = Client()
    for number in range(10):
        client.post(certificate.get_public_url(), {"name": f"人{number}"})
    response = client.post(certificate.get_public_url(), {"name": "金丝雀"})
    assert response.status_code == 429
    assert "Too many attempts" in text_of(response)
    assert "This is the name" not in text_of(response)


def test_a_revoked_and_a_replaced_one_say_so(staff, certificate):
    new = make_certificate(certificate.volunteer, supersedes=certificate, by=staff.user)
    page = text_of(Client().get(certificate.get_public_url()))
    assert "was replaced" in page
    assert new.number not in page
    revoke_certificate(new, reason="金丝雀申请", by=staff.user)
    page = text_of(Client().get(new.get_public_url()))
    assert "was revoked" in page
    assert "申请" not in page


@pytest.mark.parametrize("code", ["ACDEFHJKLMN", "x", "7KMX-3RTA-9WC", "金丝雀", "%00", "a" * 300])
def test_a_guessed_code_says_that_there_is_none(certificate, code):
    response = Client().get(f"{CHECK}{code}/")
    assert response.status_code == 404
    if "\0" not in code and code != "%00":
        assert "There is no such certificate" in text_of(response)


def test_guessing_ends_after_twenty(certificate):
    client = Client()
    for _guess in range(20):
        assert client.get(f"{CHECK}ACDEFHJKLMN/").status_code == 404
    response = client.get(certificate.get_public_url())
    assert response.status_code == 429
    assert certificate.number not in text_of(response)


def test_right_codes_are_no_guesses(certificate):
    client = Client()
    for _look in range(30):
        assert client.get(certificate.get_public_url()).status_code == 200


def test_the_code_is_typed_as_it_is_printed(certificate):
    client = Client()
    response = client.post(CHECK, {"code": f" {certificate.printed_code.lower()} "})
    assert response.url == certificate.get_public_url()
    assert "eleven letters" in text_of(client.post(CHECK, {"code": "123"}))
    assert client.post(CHECK, {"code": ""}).status_code == 422
