"""What places were called before, by the key of the place that it is today: files from before must still be understood.

The names and codes of places that were merged into others are among them.
"""

from collections import defaultdict

from areas.models import FormerName, Township, Village, present_townships


def former_village_names() -> dict[int, set[str]]:
    """Return the former names and codes of villages by today's village, in two queries."""
    ended: dict[int, tuple[int, set[str]]] = {
        pk: (into or 0, {name, code})
        for pk, into, name, code in Village.objects.filter(merged_into__isnull=False)
        .order_by()
        .values_list("pk", "merged_into", "name", "code")
    }
    found: dict[int, set[str]] = defaultdict(set)

    def today(pk: int) -> int:
        while pk in ended:
            pk = ended[pk][0]
        return pk

    for pk, (_into, names) in ended.items():
        found[today(pk)] |= names
    former = FormerName.objects.filter(village__isnull=False).order_by()
    for pk, name in former.values_list("village", "name"):
        found[today(pk)].add(name)
    return found


def former_township_names() -> dict[int, set[str]]:
    """Return the former names and codes of townships by today's township, in three queries."""
    into = present_townships()
    found: dict[int, set[str]] = defaultdict(set)
    for pk, name, code in Township.objects.filter(pk__in=into).order_by().values_list("pk", "name", "code"):
        found[into[pk]] |= {name, code}
    former = FormerName.objects.filter(township__isnull=False).order_by()
    for pk, name in former.values_list("township", "name"):
        found[into.get(pk, pk)].add(name)
    return found
