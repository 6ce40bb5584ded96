"""Plain unmanaged models on Yiwang's tables, as a stock project would have them."""

# ruff: noqa: D101, D102, DJ008 - Yiwang's own models say what each thing means

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import UserManager
from django.db import models


class Unmanaged(models.Model):
    class Meta:
        abstract = True
        managed = False


class User(AbstractBaseUser):
    username = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    is_active = models.BooleanField(default=True)
    is_staff = True
    is_superuser = True

    USERNAME_FIELD = "username"
    objects = UserManager()

    class Meta:
        managed = False
        db_table = "accounts_user"

    def __str__(self):
        return self.name

    def has_perm(self, perm, obj=None):
        return True

    def has_module_perms(self, app_label):
        return True


class Township(Unmanaged):
    code = models.CharField(max_length=9)
    name = models.CharField(max_length=40)

    class Meta(Unmanaged.Meta):
        db_table = "areas_township"
        ordering = ("code",)

    def __str__(self):
        return self.name


class Village(Unmanaged):
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    township = models.ForeignKey(Township, models.PROTECT)

    class Meta(Unmanaged.Meta):
        db_table = "areas_village"

    def __str__(self):
        return self.name


class SkillType(Unmanaged):
    name = models.CharField(max_length=30)

    class Meta(Unmanaged.Meta):
        db_table = "volunteers_skilltype"

    def __str__(self):
        return self.name


class Volunteer(Unmanaged):
    number = models.CharField(max_length=7)
    name = models.CharField(max_length=40)
    name_pinyin = models.CharField(max_length=120)
    name_initials = models.CharField(max_length=40)
    phone = models.CharField(max_length=20)
    unit_kind = models.CharField(max_length=10)
    township = models.ForeignKey(Township, models.PROTECT)
    village = models.ForeignKey(Village, models.PROTECT)
    primary_skill = models.ForeignKey(SkillType, models.PROTECT)
    status = models.CharField(max_length=10)

    class Meta(Unmanaged.Meta):
        db_table = "volunteers_volunteer"
        ordering = ("name_pinyin", "id")

    def __str__(self):
        return f"{self.name}({self.number})"


class Team(Unmanaged):
    name = models.CharField(max_length=80)
    township = models.ForeignKey(Township, models.PROTECT)

    class Meta(Unmanaged.Meta):
        db_table = "grids_team"

    def __str__(self):
        return self.name


class Membership(Unmanaged):
    team = models.ForeignKey(Team, models.PROTECT)
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=6)
    left_on = models.DateField(null=True)

    class Meta(Unmanaged.Meta):
        db_table = "grids_membership"


class Category(Unmanaged):
    name = models.CharField(max_length=30)

    class Meta(Unmanaged.Meta):
        db_table = "services_servicecategory"

    def __str__(self):
        return self.name


class Report(Unmanaged):
    team = models.ForeignKey(Team, models.PROTECT)
    township = models.ForeignKey(Township, models.PROTECT)
    month = models.DateField()
    state = models.CharField(max_length=10)

    class Meta(Unmanaged.Meta):
        db_table = "services_monthlyreport"

    def __str__(self):
        return f"{self.month:%Y-%m}"


class ServiceLog(Unmanaged):
    version = models.PositiveIntegerField(default=0, editable=False)
    key = models.UUIDField()
    fingerprint = models.CharField(max_length=64)
    team = models.ForeignKey(Team, models.PROTECT)
    township = models.ForeignKey(Township, models.PROTECT)
    report = models.ForeignKey(Report, models.PROTECT)
    date = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    category = models.ForeignKey(Category, models.PROTECT)
    place = models.CharField(max_length=100, blank=True)
    recipient = models.CharField(max_length=60)
    people_served = models.PositiveIntegerField()
    content = models.CharField(max_length=500)
    recorded_by = models.ForeignKey(User, models.PROTECT)
    recorded_at = models.DateTimeField(auto_now_add=True)
    is_withdrawn = models.BooleanField(default=False)
    withdrawn_reason = models.CharField(max_length=200, blank=True)

    class Meta(Unmanaged.Meta):
        db_table = "services_servicelog"
        ordering = ("-date", "-id")

    def __str__(self):
        return self.content[:20]


class HelpRequest(Unmanaged):
    township = models.ForeignKey(Township, models.PROTECT)
    village = models.ForeignKey(Village, models.PROTECT)
    team = models.ForeignKey(Team, models.PROTECT, null=True)
    caller = models.CharField(max_length=60)
    place = models.CharField(max_length=100)
    content = models.CharField(max_length=500)
    urgency = models.CharField(max_length=6)
    state = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    escalation = models.PositiveSmallIntegerField()

    class Meta(Unmanaged.Meta):
        db_table = "services_helprequest"

    def __str__(self):
        return self.content


class LogFlag(Unmanaged):
    log = models.ForeignKey(ServiceLog, models.PROTECT, related_name="flags")
    rule = models.CharField(max_length=10)

    class Meta(Unmanaged.Meta):
        db_table = "services_logflag"

    def __str__(self):
        return self.rule


class Participation(Unmanaged):
    log = models.ForeignKey(ServiceLog, models.PROTECT, related_name="participations")
    volunteer = models.ForeignKey(Volunteer, models.PROTECT)
    team = models.ForeignKey(Team, models.PROTECT)
    minutes = models.PositiveSmallIntegerField()
    is_helper = models.BooleanField(default=False)
    date = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_withdrawn = models.BooleanField(default=False)
    counted = models.BooleanField(default=False)

    class Meta(Unmanaged.Meta):
        db_table = "services_participation"
        unique_together = (("log", "volunteer"),)

    def __str__(self):
        return str(self.volunteer_id)
