"""Demo data: an invented city on the real divisions of Yueqing. Nobody in it lives, no service in it took place.

The same scale, day and seed give the same rows on both databases. What the parts make is written straight into the
tables, with every constraint and trigger in force, because a city has 1.2 million participations.
"""
