"""What Yiwang is held against: the stock admin, a bare view, SQL written by hand."""
