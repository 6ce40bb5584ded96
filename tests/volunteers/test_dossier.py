"""The dossier: which sections it has, for whom, in which order."""

import pytest
from cryptography.fernet import Fernet
from django.urls import reverse
from django.utils import translation

from accounts.models import AuditEntry
from accounts.rights import Right, Role
from common.pdf import compiled
from common.sections import Sections
from tests.common.test_pdf import fonts_of
from tests.factories import make_badge, make_qualification, make_team, make_user, make_volunteer
from tests.pictures import put_portrait
from volunteers import dossier
from volunteers.domain.dossier import print_dossier
from volunteers.domain.qualification import withdraw_qualification
from volunteers.dossier import Section, Table, parts_of, tables_of
from volunteers.dossier_paper import dossier_data
from volunteers.id_number import encrypted
from volunteers.models import Volunteer


@pytest.fixture
def sections(monkeypatch):
    """A registry of the test's own that begins with what the project registered."""
    monkeypatch.setattr(dossier, "_sections", Sections(dossier._sections))
    return dossier._sections


def titles(client, volunteer) -> list[str]:
    response = client.get(volunteer.get_absolute_url())
    return [str(part.section.title) for part in response.context["parts"]]


def section(name="extra", *, order=5, context=lambda volunteer, reader: {"age": 42}, right=Right.VIEW_VOLUNTEERS):
    return Section(name, name.title(), "volunteers/dossier/_consents.html", context, order, right)


def test_a_registered_section_has_its_place_heading_and_entry(db, sections, client_of):
    dossier.register(section(order=15))
    volunteer = make_volunteer()
    client = client_of(Role.ADMIN)

    shown = titles(client, volunteer)
    page = client.get(volunteer.get_absolute_url()).content.decode()
    assert shown[:3] == ["Who", "Extra", "What they can do"]
    assert 'id="extra" aria-labelledby="extra-title"' in page
    assert '<a href="#extra">Extra</a>' in page


def test_a_section_without_anything_to_see_is_left_out(db, sections, client_of):
    dossier.register(section(context=lambda volunteer, reader: None))
    assert "Extra" not in titles(client_of(Role.ADMIN), make_volunteer())


def test_a_section_asks_for_its_right(db, sections, client_of):
    dossier.register(section(right=Right.VIEW_AUDIT_TRAIL))
    volunteer = make_volunteer()
    assert "Extra" in titles(client_of(Role.AUDITOR), volunteer)
    assert "Extra" not in titles(client_of(Role.TOWNSHIP_STAFF, township=volunteer.township), volunteer)


def test_a_section_keeps_its_words_to_itself(db, sections, client_of):
    dossier.register(section(context=lambda volunteer, reader: {"volunteer": make_volunteer(name="别人")}))
    volunteer = make_volunteer(name="本人")
    response = client_of(Role.ADMIN).get(volunteer.get_absolute_url())
    assert response.context["volunteer"] == volunteer


# --- on paper ---------------------------------------------------------------------------------------


@pytest.fixture
def volunteer(db):
    return make_volunteer(name="张三", phone="13812345678", unit="大荆镇卫生院")


def printed(client, volunteer, **data):
    return client.post(reverse("volunteers:print", args=[volunteer.pk]), data)


def data_of(volunteer, reader):
    with translation.override("zh-hans"):
        return dossier_data(volunteer, phone="", id_number="", reader=reader)


def test_the_form_is_a_pdf_and_its_print_is_recorded(volunteer, client_of):
    staff = client_of(Role.TOWNSHIP_STAFF, township=volunteer.township)
    response = printed(staff, volunteer)

    _names, files = fonts_of(response.content)
    assert response["Content-Type"] == "application/pdf"
    assert files == 2
    entry = AuditEntry.objects.get(event="print_dossier")
    assert (entry.actor, entry.object_id, entry.changes) == (staff.user, volunteer.pk, {})


def test_phone_and_id_number_stand_there_in_full_only_where_asked_and_allowed(volunteer, client_of, settings):
    settings.ID_NUMBER_KEY = Fernet.generate_key().decode()
    volunteer.id_number_encrypted, volunteer.id_number_hash = encrypted("11010519491231002X"), "0" * 64
    volunteer.save()
    staff, reviewer = (
        client_of(role, township=volunteer.township).user for role in (Role.TOWNSHIP_STAFF, Role.REVIEWER)
    )

    assert print_dossier(volunteer, by=staff) == ("138****5678", "1****************X")
    assert print_dossier(volunteer, full=True, by=staff) == ("13812345678", "11010519491231002X")
    assert print_dossier(volunteer, full=True, by=reviewer) == ("138****5678", "")
    changes = [entry.changes for entry in AuditEntry.objects.filter(event="print_dossier").order_by("pk")]
    assert changes == [{}, {"phone": ["", "****"], "ID number": ["", "****"]}, {}]


def test_leaders_print_none(volunteer, client_of):
    assert printed(client_of(Role.TEAM_LEADER, township=volunteer.township), volunteer).status_code == 403


def test_another_township_prints_none(volunteer, client_of):
    assert printed(client_of(Role.TOWNSHIP_STAFF), volunteer).status_code == 404
    assert not AuditEntry.objects.filter(event="print_dossier").exists()


def test_a_character_that_no_font_has_is_named(volunteer, client_of):
    volunteer.speciality = "修\U000323af"
    volunteer.save()
    admin = client_of(Role.ADMIN)
    response = printed(admin, volunteer)
    assert response.status_code == 302
    assert "U+323AF" in admin.get(volunteer.get_absolute_url()).content.decode()
    assert not AuditEntry.objects.filter(event="print_dossier").exists()


def test_the_form_has_a_table_for_each_section_with_something_to_print(client_of, db):
    team = make_team()
    volunteer = team.memberships.order_by("pk")[0].volunteer
    make_qualification(volunteer, number="202033038212345678")
    withdrawn = make_qualification(volunteer, title="旧证")
    reviewer = client_of(Role.REVIEWER, township=team.township).user
    withdraw_qualification(withdrawn, reason="录入有误", by=reviewer)

    tables = data_of(volunteer, reviewer)["tables"]

    assert len(tables) == 2
    assert tables[0]["rows"] == [["执业医师资格证书", "****5678", "浙江省卫生健康委员会", tables[0]["rows"][0][3]]]
    assert [row[0] for row in tables[1]["rows"]] == [team.name]


def test_a_registered_table_stands_on_the_form_for_those_who_may(volunteer, sections, client_of):
    dossier.register(
        Section(
            "extra",
            "Extra",
            "volunteers/dossier/_consents.html",
            lambda volunteer, reader: {},
            5,
            Right.VIEW_AUDIT_TRAIL,
            lambda volunteer, reader: Table(["a"], [["b"]]),
        )
    )
    auditor, staff = client_of(Role.AUDITOR).user, client_of(Role.TOWNSHIP_STAFF, township=volunteer.township).user
    assert {"title": "Extra", "heads": ["a"], "rows": [["b"]]} in data_of(volunteer, auditor)["tables"]
    assert data_of(volunteer, staff)["tables"] == []


def test_the_dossier_of_a_person_tells_what_was_kept_under_a_record_that_was_given_up(db):
    kept, given_up, admin = make_volunteer(), make_volunteer(), make_user(Role.ADMIN)
    make_badge(given_up)
    make_qualification(given_up, title="乡村医生执业证书")
    team = make_team()
    member = team.memberships.last().volunteer
    Volunteer.objects.filter(pk__in=[given_up.pk, member.pk]).update(merged_into=kept)

    parts = {part.section.name: part.context for part in parts_of(kept, admin)}
    printed = [cell for _title, table in tables_of(kept, admin) for row in table.rows for cell in row]

    assert parts["badges"]["present"] is None
    assert [badge.volunteer_id for badge, _state in parts["badges"]["history"]] == [given_up.pk]
    assert [row["title"] for row in parts["qualifications"]["qualifications"]] == ["乡村医生执业证书"]
    assert "乡村医生执业证书" in printed
    assert team.name in printed


def test_a_long_file_runs_over_pages(volunteer, client_of):
    reader = client_of(Role.ADMIN).user
    data = data_of(volunteer, reader)
    data["tables"] = [
        {"title": "历年", "heads": ["年度", "次数"], "rows": [[str(year), "1"] for year in range(1900, 2000)]}
    ]
    pages = compiled("volunteers/dossier/form.typ", data | {"has_photo": False}, form="svg")
    assert len(pages) > 1


# --- changes ----------------------------------------------------------------------------------------


def test_the_trail_of_record_photo_and_qualifications_is_for_those_who_may_read_it(volunteer, client_of):
    by = client_of(Role.ADMIN).user
    qualification = make_qualification(volunteer)
    withdraw_qualification(qualification, reason="录入有误", by=by)
    put_portrait(volunteer, by=by)

    page = client_of(Role.AUDITOR).get(volunteer.get_absolute_url()).content.decode()
    assert "Withdrew a qualification" in page
    assert "Put a photo into a dossier" in page
    staff = client_of(Role.TOWNSHIP_STAFF, township=volunteer.township)
    assert "Withdrew a qualification" not in staff.get(volunteer.get_absolute_url()).content.decode()
