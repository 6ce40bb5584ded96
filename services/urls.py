"""Logs, reports and recognition."""

from django.urls import path

from services.views import desk, report

app_name = "services"
urlpatterns = [
    path("reports/", report.report_list, name="report_list"),
    path("reports/submit-all/", report.report_submit_all, name="report_submit_all"),
    path("reports/desk/", desk.review_desk, name="review_desk"),
    path("reports/desk/read-plain/", desk.report_read_plain, name="report_read_plain"),
    path("reports/<int:pk>/", report.report_detail, name="report_detail"),
    path("reports/<int:pk>/submit/", report.report_submit, name="report_submit"),
    path("reports/<int:pk>/read/", report.report_read, name="report_read"),
    path("reports/<int:pk>/return/", report.report_return, name="report_return"),
    path("reports/<int:pk>/reopen/", report.report_reopen, name="report_reopen"),
    path("logs/<int:pk>/comment/", report.log_comment, name="log_comment"),
]
