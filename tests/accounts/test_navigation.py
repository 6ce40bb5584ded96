import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse

from accounts.context_processors import navigation
from accounts.rights import Role
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ALL = [
    "home",
    "volunteers:list",
    "grids:village_list",
    "grids:team_list",
    "services:request_list",
    "services:log_list",
    "services:report_list",
]
OFFICE = [*ALL[:2], "training:course_list", *ALL[2:], "services:round_list", "services:dashboard"]
CITY = [*OFFICE, "accounts:audit_list", "admin:index"]


def entries_of(user, path="/"):
    request = RequestFactory().get(path)
    request.user = user
    return list(navigation(request)["navigation"])


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.TEAM_LEADER, [*ALL[:4], "services:pager", *ALL[4:-1], "services:my_month", ALL[-1]]),
        (Role.TOWNSHIP_STAFF, OFFICE),
        (Role.REVIEWER, OFFICE),
        (Role.ADMIN, CITY),
        (Role.AUDITOR, CITY),
    ],
)
def test_navigation_shows_what_the_role_opens(role, names):
    assert [entry.url for entry in entries_of(make_user(role))] == [reverse(name) for name in names]


@pytest.mark.parametrize("name", CITY)
def test_navigation_marks_the_one_current_entry(name):
    entries = entries_of(make_user(Role.ADMIN), reverse(name))

    assert [entry.url for entry in entries if entry.current] == [reverse(name)]


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("services:correction_list", "services:log_list"),
        ("services:slip_list", "services:log_list"),
        ("services:silent_list", "grids:team_list"),
        ("services:uncovered_list", "grids:team_list"),
        ("services:objection_list", "services:report_list"),
        ("services:sample_create", "services:report_list"),
        ("services:review_desk", "services:report_list"),
    ],
)
def test_navigation_marks_the_entry_a_page_belongs_to(page, name):
    entries = entries_of(make_user(Role.ADMIN), reverse(page))

    assert [entry.url for entry in entries if entry.current] == [reverse(name)]


def test_navigation_is_empty_for_visitors():
    assert entries_of(AnonymousUser()) == []


def test_may_answers_from_the_rights_table():
    request = RequestFactory().get("/")
    request.user = make_user(Role.AUDITOR)
    context = Context(navigation(request))
    template = "{% if may.view_audit_trail %}sees{% endif %}{% if may.log_services %}logs{% endif %}"

    assert Template(template).render(context) == "sees"


def test_may_of_an_unknown_right_is_an_error():
    request = RequestFactory().get("/")
    request.user = make_user(Role.AUDITOR)

    with pytest.raises(LookupError, match="may_of_a_typo"):
        Template("{% if may.may_of_a_typo %}{% endif %}").render(Context(navigation(request)))
