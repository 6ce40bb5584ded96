"""Template tags of the volunteers."""
