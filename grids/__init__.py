"""Who serves where."""
