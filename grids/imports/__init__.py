"""Spreadsheets of grids, as another programme hands them out: what their columns are called and what rows mean."""
