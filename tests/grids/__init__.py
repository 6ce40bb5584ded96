"""Tests of grids and teams."""
