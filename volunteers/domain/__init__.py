"""What happens to volunteers."""
