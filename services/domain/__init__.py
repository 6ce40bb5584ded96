"""What happens to logs, reports and rounds: one function an event."""
