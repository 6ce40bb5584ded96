"""The admin's base: a broken rule is an answer on the form, nothing is deleted, and our sign-in is the only one."""

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from accounts.rights import Role
from areas.admin import VillageAdmin
from areas.models import Village
from common.admin import YiwangModelAdmin
from common.rules import RuleBroken
from tests.factories import make_township, make_village

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict_villages(monkeypatch):
    """Give the villages' admin a domain that refuses the name 禁 and, in an action, everything."""
    save_as_ever = VillageAdmin.save_model

    def save_model(self, request, obj, form, change):
        save_as_ever(self, request, obj, form, change)
        if obj.name.startswith("禁"):
            raise RuleBroken("This name is taken.", field="name")
        if obj.name.startswith("全"):
            raise RuleBroken("Not this year.")

    @admin.action(description="refuse")
    def refuse(self, request, queryset):
        queryset.update(name="changed")
        raise RuleBroken("None of these.")

    monkeypatch.setattr(VillageAdmin, "save_model", save_model)
    monkeypatch.setattr(VillageAdmin, "refuse", refuse, raising=False)
    monkeypatch.setattr(VillageAdmin, "actions", ("refuse",))


@pytest.mark.parametrize(
    ("name", "field", "message"),
    [
        ("禁村", "name", "This name is taken."),
        ("全村", "__all__", "Not this year."),
    ],
)
def test_broken_rule_comes_back_on_the_form_with_the_entries(strict_villages, client_of, name, field, message):
    township = make_township()
    typed = {"name": name, "code": "330382999999", "township": township.pk}

    response = client_of(Role.ADMIN).post(reverse("admin:areas_village_add"), typed)

    form = response.context["adminform"].form
    assert response.status_code == 200
    assert form.errors == {field: [message]}
    assert form["code"].value() == "330382999999"
    assert not Village.objects.filter(name=name).exists()


def test_kept_rule_saves_as_ever(strict_villages, client_of):
    typed = {"name": "许村", "code": "330382999999", "township": make_township().pk}

    response = client_of(Role.ADMIN).post(reverse("admin:areas_village_add"), typed)

    assert response.status_code == 302
    assert Village.objects.get().name == "许村"


def test_rule_broken_by_an_action_undoes_it_and_is_said(strict_villages, client_of):
    village = make_village(name="原村")
    address = reverse("admin:areas_village_changelist")

    response = client_of(Role.ADMIN).post(address, {"action": "refuse", "_selected_action": village.pk}, follow=True)

    village.refresh_from_db()
    assert village.name == "原村"
    assert [str(message) for message in response.context["messages"]] == ["None of these."]


def test_nothing_is_deleted(client_of):
    village = make_village()

    response = client_of(Role.ADMIN).post(reverse("admin:areas_village_delete", args=[village.pk]), {"post": "yes"})

    assert response.status_code == 403
    assert Village.objects.filter(pk=village.pk).exists()


@pytest.mark.parametrize("name", ["password_change", "password_change_done", "logout"])
def test_pages_that_would_go_around_our_rules_are_not_there(name):
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{name}")


def test_every_model_of_ours_uses_the_base():
    own = ("areas", "accounts", "volunteers", "grids", "services")
    strangers = [
        model
        for model, model_admin in admin.site._registry.items()
        if model._meta.app_label in own and not isinstance(model_admin, YiwangModelAdmin)
    ]

    assert strangers == []
