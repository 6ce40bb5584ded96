"""What people type to sign in."""
