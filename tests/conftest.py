"""Which tests run where, and what every test may use."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import AppConfig, apps
from django.db import connection, transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.signals import post_migrate
from django.test import Client

from accounts.models import User
from accounts.rights import Role
from tests.access_world import World, make_world
from tests.factories import make_user


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what the database at hand cannot show, and the browser's tests unless ``-m browser`` asks for them."""
    browser_wanted = "browser" in config.option.markexpr
    for item in items:
        if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: set TEST_DATABASE_URL"))
        if item.get_closest_marker("browser") and not browser_wanted:
            item.add_marker(pytest.mark.skip(reason="needs Chromium: run with -m browser"))


# Which statements take the triggers that stand against a flush away, and bring them back.
PAST_TRIGGERS = {
    "sqlite": "SELECT 'DROP TRIGGER \"' || name || '\"', sql FROM sqlite_master WHERE type = 'trigger'",
    # Only those against TRUNCATE: Django flushes by it.
    "postgresql": "SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname),"
    " format('ALTER TABLE %s ENABLE TRIGGER %I', tgrelid::regclass, tgname)"
    " FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 32 > 0",
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Make the small world once for all tests of a module: each of them runs in a savepoint of this transaction."""
    around_all = transaction.atomic()
    around_all._from_testcase = True  # what must be the outermost transaction takes this one for the test's own
    with django_db_blocker.unblock(), around_all:
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True, scope="session")
def _flush_past_triggers() -> Any:
    """Let the flush after a transactional test empty the append-only tables too."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_without_triggers(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(PAST_TRIGGERS[self.connection.vendor])
            triggers = cursor.fetchall()
            for away, _ in triggers:
                cursor.execute(away)
            try:
                flush(self, sql_list)
            finally:
                for _, back in triggers:
                    cursor.execute(back)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_without_triggers)
        yield


@pytest.fixture(autouse=True, scope="session")
def _bring_reference_data_back() -> Iterator[None]:
    """Add what the data migrations brought whenever a flush has emptied the tables; Django tells it by a signal."""
    services = apps.get_app_config("services")
    post_migrate.connect(add_reference_data, sender=services)
    yield
    post_migrate.disconnect(add_reference_data, sender=services)


def is_as_today(table: str) -> bool:
    """Whether the table has all columns of its model: between two migrations it may not."""
    (model,) = (model for model in apps.get_models() if model._meta.db_table == table)
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return False
        there = {column.name for column in connection.introspection.get_table_description(cursor, table)}
    return {field.column for field in model._meta.fields} <= there


def add_reference_data(sender: AppConfig, **_: Any) -> None:
    """Add the skill types, drafts of texts and categories that are missing, where the tables are as they are today."""
    for table, migration, add in (
        ("volunteers_skilltype", "volunteers.migrations.0002_reference_skill_types", "add_skill_types"),
        ("volunteers_programmetext", "volunteers.migrations.0005_reference_texts", "add_texts"),
        ("services_servicecategory", "services.migrations.0006_reference_categories", "add_categories"),
    ):
        if is_as_today(table):
            getattr(import_module(migration), add)(apps, None)


@pytest.fixture
def client_of() -> Callable[..., Client]:
    """Return ``client_of(user)`` or ``client_of(Role.ADMIN, **fields)``: a signed-in client with its ``user``."""

    def signed_in(who: User | Role, **fields: Any) -> Client:
        client = Client()
        client.user = who if isinstance(who, User) else make_user(who, **fields)
        client.force_login(client.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in
