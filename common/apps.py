"""What every app uses and no app owns."""

from django.apps import AppConfig

from common.gateway import gateway


class CommonConfig(AppConfig):
    """Lists, forms, formats, constraints: nothing of the domain."""

    name = "common"

    def ready(self) -> None:
        """Refuse to start with a gateway to phones that could not be used when it is needed."""
        gateway()
