"""The services in the admin site, one module a concept."""

from services.admin import recognition, report

__all__ = ["recognition", "report"]
