"""Tests of the composing of teams."""
