"""The admin site's configuration: our site class in place of Django's."""

from django.contrib.admin.apps import AdminConfig


class YiwangAdminConfig(AdminConfig):
    """Makes ``admin.site`` the site of ``common.admin``, open to the roles that the rights table names."""

    default_site = "common.admin.YiwangAdminSite"
