"""智能组队: teams as an exact optimisation, from what is read to what is proposed.

``read`` asks the database, ``solve`` answers, and nothing in between knows of either: ``problem`` holds both ends.
"""
