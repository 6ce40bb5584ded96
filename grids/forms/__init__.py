"""What people type about grids and teams."""
