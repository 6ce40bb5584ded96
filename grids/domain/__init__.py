"""What happens to grids and teams."""
