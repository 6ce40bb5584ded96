"""Commands of areas."""
