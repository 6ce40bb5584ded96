"""The services in the admin site, one module a concept."""

from services.admin import report

__all__ = ["report"]
