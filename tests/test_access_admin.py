"""The admin site × every role: administrators change, auditors look, nobody else comes in, and nothing is deleted."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from tests.access_world import PEOPLE, make_world
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db

INSIDERS = ("admin", "auditor")
OUTSIDERS = ("anonymous", *(person for person in PEOPLE if person not in INSIDERS))
PAGES_OF_A_MODEL = ("changelist", "add", "history", "delete", "change")
# Django's redirects and helpers, which show nothing of a record; «view_on_site» leads to a page with its own row.
OTHER_PAGES = {"index": 200, "jsi18n": 200, "app_list": 200}
NO_PAGES = {"login", "autocomplete", "view_on_site"}

each_model = pytest.mark.parametrize(
    "model", sorted(admin.site._registry, key=str), ids=lambda model: model._meta.label
)


@pytest.fixture
def clients():
    world = make_world()
    clients = {"anonymous": Client()}
    for person, user in world.people.items():
        clients[person] = Client()
        clients[person].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return clients


def names_in_the_admin():
    resolver = next(each for each in get_resolver().url_patterns if getattr(each, "namespace", None) == "admin")

    def names(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield pattern.name
            else:
                yield from names(pattern.url_patterns)

    return {name for name in names(resolver.url_patterns) if name}


def address(model, page, pk=None):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=[pk] if pk else [])


def addresses(model):
    """Return the model's addresses by page; those of one record where the world has one."""
    record = model._default_manager.order_by("pk").first()
    pages = {page: address(model, page) for page in ("changelist", "add")}
    if record is not None:
        pages |= {page: address(model, page, record.pk) for page in ("history", "delete", "change")}
    return pages


def may(model, action, client):
    request = client.get(reverse("admin:index")).wsgi_request
    return getattr(admin.site._registry[model], f"has_{action}_permission")(request)


def test_every_admin_page_is_known():
    of_models = {
        f"{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in admin.site._registry
        for page in PAGES_OF_A_MODEL
    }

    assert names_in_the_admin() == of_models | set(OTHER_PAGES) | NO_PAGES


@each_model
def test_outsiders_are_refused_and_change_nothing(model, clients):
    before = fingerprint()
    for person in OUTSIDERS:
        for page in addresses(model).values():
            for method in ("GET", "POST", "PUT", "DELETE"):
                refusal = 302 if person == "anonymous" else 403
                assert clients[person].generic(method, page).status_code == refusal, (person, method, page)

    assert fingerprint() == before


@each_model
def test_insiders_see_every_record_and_nobody_deletes_one(model, clients):
    before = fingerprint()
    for person in INSIDERS:
        pages = addresses(model)
        statuses = {page: clients[person].get(address).status_code for page, address in pages.items()}
        due = {"changelist": 200, "history": 200, "change": 200, "delete": 403}
        due["add"] = 200 if may(model, "add", clients[person]) else 403

        assert statuses == {page: due[page] for page in pages}, person
    assert fingerprint() == before


@each_model
def test_auditor_changes_nothing(model, clients):
    before = fingerprint()
    for page, page_address in addresses(model).items():
        if page not in ("changelist", "history"):
            assert clients["auditor"].post(page_address).status_code == 403

    assert fingerprint() == before


@each_model
def test_auditor_has_no_actions(model, clients):
    response = clients["auditor"].get(address(model, "changelist"))
    choices = admin.site._registry[model].get_action_choices(response.wsgi_request)

    assert [action for action, _ in choices] == [""]


@pytest.mark.parametrize("person", INSIDERS)
@pytest.mark.parametrize(("page", "status"), OTHER_PAGES.items())
def test_common_pages_open_for_insiders(clients, page, status, person):
    args = ["accounts"] if page == "app_list" else []

    assert clients[person].get(reverse(f"admin:{page}", args=args)).status_code == status


@pytest.mark.parametrize("page", ["index", "jsi18n", "autocomplete"])
def test_common_pages_are_closed_to_outsiders(clients, page):
    statuses = {person: clients[person].get(reverse(f"admin:{page}")).status_code for person in OUTSIDERS}

    assert statuses == dict.fromkeys(OUTSIDERS, 403) | {"anonymous": 302}


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "nowhere"])
def test_admin_login_never_leads_to_another_site(clients, target):
    response = clients["admin"].get(reverse("admin:login"), {"next": target}, follow=True)

    assert [url.startswith(("http", "//")) for url, _ in response.redirect_chain] == [False, False]
