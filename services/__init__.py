"""What was done: logs, reports, recognition and the figures."""
