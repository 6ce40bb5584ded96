"""The services in the admin site, one module a concept."""

from services.admin import log, recognition, report

__all__ = ["log", "recognition", "report"]
