"""The services in the admin site, one module a concept."""

from services.admin import correction, log, notice, recognition, report, request

__all__ = ["correction", "log", "notice", "recognition", "report", "request"]
