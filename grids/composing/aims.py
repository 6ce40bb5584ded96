"""What is aimed at, the most important first. A later aim never costs anything of an earlier one.

1. ``unserved``: as many grids as possible have a team that satisfies the rule.
2. ``beyond_help``: as little as possible that no further volunteer could put right (teams full of too few skill types).
3. ``further``: as few further volunteers as possible are needed for the rest.
4. *repair*: ``moves``: as few people as possible change their seat (leave, join or move: one each).
5. *repair*: ``uprooted``: of these as few as possible are in a team today; whoever is free leaves nobody behind.
6. *repair*: ``leaders_moved``: of these as few leaders as possible.
7. *propose*: ``seats_off``: as many people as fair are seated (everybody, where there is room).
8. ``smaller``: of grids that cannot all be served the larger ones are (places in the order of households, summed).
9. ``unled``: as many teams as possible have a candidate for the leader.
10. ``types``: as many different skill types as possible, summed over the teams.
11. ``steps``: the way between home and grid: nothing in the home village, 1 in the same district, 2 elsewhere.
12. ``imbalance``: sizes by households: a team that is k away from its share counts 1 + 2 + ... + k.
"""

REPAIR = (
    "unserved", "beyond_help", "further", "moves", "uprooted", "leaders_moved", "smaller", "unled", "types", "steps",
    "imbalance",
)  # fmt: skip
PROPOSE = ("unserved", "beyond_help", "further", "seats_off", "smaller", "unled", "types", "steps", "imbalance")


def fair_shares(households: dict[int, int], total: int, least: int, most: int) -> dict[int, int]:
    """Divide ``total`` members between grids by their households, each from ``least`` to ``most``.

    By highest averages with odd divisors (Sainte-Laguë), ties to the lower key; fewer than ``least`` each never,
    whatever ``total`` is.
    """
    shares = dict.fromkeys(sorted(households), least)
    for _ in range(total - least * len(shares)):
        room = [grid for grid in shares if shares[grid] < most]
        if not room:
            break
        # The largest quotient households / (2n + 1), compared as whole numbers times a common scale.
        best = max(room, key=lambda grid: (max(1, households[grid]) / (2 * shares[grid] + 1), -grid))
        shares[best] += 1
    return shares
