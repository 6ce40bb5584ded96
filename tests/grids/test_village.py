"""What is kept of a village."""

import pytest
from django.urls import reverse

from accounts.rights import Role
from common.rules import SavedMeanwhile
from grids.domain.village import edit_village
from tests.factories import make_township, make_user, make_village

pytestmark = pytest.mark.django_db


def edit_url(village):
    return reverse("grids:village_edit", args=[village.pk])


def test_edit_village_keeps_its_part_of_the_township():
    village = make_village()

    edit_village(village.pk, district="东片", version=0, by=make_user())

    village.refresh_from_db()
    assert (village.district, village.version) == ("东片", 1)


def test_edit_village_refuses_an_old_version():
    village = make_village()
    edit_village(village.pk, district="东片", version=0, by=make_user())

    with pytest.raises(SavedMeanwhile):
        edit_village(village.pk, district="西片", version=0, by=make_user())


def test_village_form_offers_the_parts_of_the_township_and_shows_the_saved_one(client_of):
    township = make_township()
    village = make_village(township=township)
    make_village(township=township, district="西片")
    make_village(district="别处片")
    client = client_of(Role.TOWNSHIP_STAFF, township=township)

    page = client.get(edit_url(village)).content.decode()
    client.post(edit_url(village), {"district": " 西片 ", "version": 0})

    assert '<option value="西片">' in page
    assert "别处片" not in page
    assert "西片" in client.get(reverse("grids:village_detail", args=[village.pk])).content.decode()


@pytest.mark.parametrize("district", ["西" * 41, "西🙂片"])
def test_village_form_comes_back_with_what_is_wrong(client_of, district):
    village = make_village()
    client = client_of(Role.ADMIN)

    response = client.post(edit_url(village), {"district": district, "version": 0})

    village.refresh_from_db()
    assert (response.status_code, village.district) == (422, "")
    assert district in response.content.decode()


def test_village_form_says_that_somebody_else_saved_and_keeps_what_was_typed(client_of):
    village = make_village()
    edit_village(village.pk, district="东片", version=0, by=make_user())

    response = client_of(Role.ADMIN).post(edit_url(village), {"district": "西片", "version": 0})

    assert response.status_code == 422
    assert "Someone else saved this record" in response.content.decode()
    assert "西片" in response.content.decode()
