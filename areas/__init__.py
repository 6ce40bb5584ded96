"""Where: townships and villages."""
