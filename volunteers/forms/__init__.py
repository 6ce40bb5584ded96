"""What people type about volunteers."""
