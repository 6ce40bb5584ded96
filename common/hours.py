"""Minutes as hours: floored to a tenth, never rounded up across a threshold."""


def round_hours(minutes: int) -> str:
    """Print a threshold as people say it: 300, and 300.5 where it is no whole hour."""
    return hours(minutes).removesuffix(".0")


def hours(minutes: int) -> str:
    """Print whole minutes as hours with one decimal, floored: 17 999 minutes are 299.9, not 300.0."""
    tenths = minutes // 6
    return f"{tenths // 10}.{tenths % 10}"
