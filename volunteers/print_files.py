"""The files of prints: in ``PRINT_ROOT``, read by the application alone, under names drawn by chance, for some days."""

from django.conf import settings

from common.private_files import PrivateStorage


class PrintStorage(PrivateStorage):
    """Keeps PDFs in ``PRINT_ROOT``: they can be made again, so no backup needs them."""

    @property
    def base_location(self) -> str:
        """Where the settings say at this moment."""
        return str(settings.PRINT_ROOT)


storage = PrintStorage()


def path_of(name: str) -> str:
    """Return where in the storage the file lies."""
    return f"{name[:2]}/{name}.pdf"
