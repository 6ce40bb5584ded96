"""The pages of grids and teams."""
