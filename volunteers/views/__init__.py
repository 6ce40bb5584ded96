"""The pages of volunteers."""
