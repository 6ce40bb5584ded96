"""Who had which role when, and who took whose place, from what the audit trail kept of it so far.

A change counts from the day of its entry: no other day was ever asked for. Where the entries do not lead to the role
that the membership has now, it was written past the trail, and nothing is claimed.
"""

from collections import defaultdict
from datetime import timedelta

from django.db import migrations
from django.utils import timezone

CREATE, UPDATE = 0, 1
ONE_STEP = timedelta(seconds=5)
ROLES = {"leader", "deputy", "member"}


def keep_changes(apps, schema_editor):
    """Write the changes of role of each membership."""
    entries, memberships = _entries(apps), apps.get_model("grids", "Membership")
    changes = apps.get_model("grids", "RoleChange")
    steps = defaultdict(list)
    found = entries.filter(action=UPDATE, changes__has_key="role").order_by("id")
    for pk, at, said in found.values_list("object_id", "timestamp", "changes").iterator():
        before, after = (str(value) for value in said["role"])
        if {before, after} <= ROLES and before != after:
            steps[pk].append((timezone.localtime(at).date(), before, after))
    for membership in memberships.objects.filter(pk__in=steps).iterator():
        chain = steps[membership.pk]
        roles = [before for _day, before, _after in chain] + [membership.role]
        if [after for _day, _before, after in chain] != roles[1:]:
            continue
        changes.objects.bulk_create(
            changes(membership=membership, day=max(day, membership.joined_on), before=before, after=after)
            for day, before, after in chain
        )


def keep_replacements(apps, schema_editor):
    """Say who took the place of whom: within one event, somebody left and, next, somebody joined."""
    memberships = apps.get_model("grids", "Membership")
    left = None
    entries = _entries(apps).filter(event="replace_member").order_by("id")
    for action, pk, actor, at in entries.values_list("action", "object_id", "actor_id", "timestamp").iterator():
        if action == UPDATE:
            left = (pk, actor, at)
        elif action == CREATE and left is not None and left[1] == actor and at - left[2] < ONE_STEP:
            joined = memberships.objects.filter(pk=pk).first()
            if joined is not None:
                memberships.objects.filter(pk=left[0], team=joined.team_id, left_on=joined.joined_on).update(
                    replaced_by=joined
                )
            left = None


def _entries(apps):
    return apps.get_model("accounts", "AuditEntry").objects.filter(
        content_type__app_label="grids", content_type__model="membership"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0006_roles_over_time"),
        ("accounts", "0003_email_and_reminders"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(keep_changes, migrations.RunPython.noop),
        migrations.RunPython(keep_replacements, migrations.RunPython.noop),
    ]
