"""The reference project's only app."""

from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    """Plain models on Yiwang's tables."""

    name = "bench.reference"
    label = "reference"
