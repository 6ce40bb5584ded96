"""Rubbish in every field, link parameter and path segment, as each role: no 5xx, nothing reflected as markup."""

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from accounts.models import User
from accounts.rights import Role
from tests.crawler import Crawler


def careless(request):
    """A view with both flaws, planted to see that the crawler finds them."""
    word = request.GET.get("word", "")
    if word == "-1":
        raise ValueError(word)
    return HttpResponse(f'<a href="/careless/?word=a">a</a> {word}')


urlpatterns = [path("careless/", careless, name="careless"), path("", include("config.urls"))]


def signed_in(role) -> Client:
    client = Client()
    client.force_login(
        User.objects.filter(role=role).order_by("pk")[0], backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.mark.parametrize("role", [*Role.values])
def test_rubbish_from_a_role_never_breaks_a_page(role, db):
    call_command("demo", scale="village")
    crawler = Crawler(signed_in(role))

    crawler.walk("/")

    assert crawler.flaws == []
    assert len(crawler.seen) >= 8


def test_crawler_finds_planted_flaws(db, settings):
    settings.ROOT_URLCONF = "tests.test_crawler"
    call_command("demo", scale="village")
    crawler = Crawler(signed_in(Role.ADMIN))

    crawler.walk("/careless/")

    assert {flaw.split()[0] for flaw in crawler.flaws} == {"500", "reflected"}
