"""The dossier: which sections it has, for whom, in which order."""

import pytest

from accounts.rights import Right, Role
from tests.factories import make_volunteer
from volunteers import dossier
from volunteers.dossier import Section


@pytest.fixture
def sections(monkeypatch):
    """A registry of the test's own that begins with what the project registered."""
    monkeypatch.setattr(dossier, "_sections", dict(dossier._sections))
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
