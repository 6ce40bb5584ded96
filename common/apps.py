"""What every app uses and no app owns."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Lists, forms, formats, constraints: nothing of the domain."""

    name = "common"
