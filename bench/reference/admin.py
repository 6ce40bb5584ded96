"""The stock admin, as a careful developer would set it up in an afternoon: the columns and filters of Yiwang's lists.

What belongs to one record comes by ``select_related``, what belongs to many by one prefetch, so that no row asks for
itself. Services are found by their date as the admin does it, by ``date_hierarchy``.
"""

from django.contrib import admin
from django.db.models import Prefetch

from bench.reference.models import Membership, Participation, ServiceLog, Volunteer


@admin.register(Volunteer)
class VolunteerAdmin(admin.ModelAdmin):
    """Volunteers with the team that each is in now."""

    list_display = ("name", "number", "primary_skill", "village", "team", "unit_kind", "phone", "status")
    list_filter = ("township", "primary_skill", "status", "unit_kind")
    list_select_related = ("primary_skill", "village")
    search_fields = ("name", "name_pinyin", "name_initials", "phone", "number")
    list_per_page = 50

    def get_queryset(self, request):
        """Fetch the present memberships of the page's volunteers together."""
        current = Membership.objects.filter(left_on__isnull=True).select_related("team")
        return super().get_queryset(request).prefetch_related(Prefetch("memberships", current))

    def team(self, volunteer):
        """Name the team."""
        return ", ".join(membership.team.name for membership in volunteer.memberships.all())


class ParticipationInline(admin.TabularInline):
    """Who took part; by key, because a choice among 19 000 people would be none."""

    model = Participation
    raw_id_fields = ("volunteer", "team")
    extra = 0


@admin.register(ServiceLog)
class ServiceLogAdmin(admin.ModelAdmin):
    """Services with who took part."""

    list_display = ("date", "starts_at", "recipient", "content", "category", "team", "people", "minutes", "state")
    list_filter = ("township", "category", "is_withdrawn")
    list_select_related = ("team", "category", "report")
    date_hierarchy = "date"
    search_fields = ("recipient", "content")
    raw_id_fields = ("team", "report", "recorded_by", "township")
    inlines = (ParticipationInline,)
    list_per_page = 50

    def get_queryset(self, request):
        """Fetch the participants of the page's services together."""
        people = Participation.objects.select_related("volunteer")
        return super().get_queryset(request).prefetch_related(Prefetch("participations", people))

    def people(self, log):
        """Name who took part."""
        return "、".join(participation.volunteer.name for participation in log.participations.all())

    def state(self, log):
        """Say where the month stands."""
        return log.report.state
