"""What every app uses and no app owns."""
