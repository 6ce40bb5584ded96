"""What every measured piece of work looks like, and the measured request."""

from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client


class Work:
    """Something to be timed: ``before`` and ``result`` are not on the clock, ``run`` is."""

    def before(self) -> None:
        """Make ready for one run."""

    def run(self) -> None:
        """Do the work once."""
        raise NotImplementedError

    def result(self) -> Any:
        """Return what the last run yielded, comparable with the reference's."""
        raise NotImplementedError


def signed_in(username: str) -> Client:
    """Return a client of one of the demo's users; its requests pass through the whole stack."""
    client = Client(HTTP_HOST="127.0.0.1", HTTP_ACCEPT_LANGUAGE="zh-hans")
    user = get_user_model().objects.get(username=username)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


class Page(Work):
    """One page fetched by a signed-in user; ``found`` says which rows it shows."""

    def __init__(self, client: Client, path: str) -> None:
        """Fetch ``path`` with ``client`` in every run."""
        self.client, self.path = client, path

    def run(self) -> None:
        """Fetch the page."""
        self.response = self.client.get(self.path)

    def result(self) -> Any:
        """Return the rows of the page last fetched; a page that failed is no measurement."""
        if self.response.status_code != 200:
            raise RuntimeError(f"{self.path} answered {self.response.status_code}")
        rows = self.found(self.response.content.decode())
        if not rows:
            raise RuntimeError(f"{self.path} shows no rows")
        return rows

    def found(self, html: str) -> Any:
        """Return the keys of the rows in ``html``."""
        raise NotImplementedError
