"""What templates say in our words."""
