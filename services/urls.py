"""Logs, reports and recognition."""

from django.urls import path

from services.views import ballot, dashboard, recognition

app_name = "services"
urlpatterns = [
    # recognition
    path("recognition/", recognition.round_list, name="round_list"),
    path("recognition/new/", recognition.round_create, name="round_create"),
    path("recognition/<int:pk>/", recognition.round_detail, name="round_detail"),
    path("recognition/<int:pk>/edit/", recognition.round_edit, name="round_edit"),
    path("recognition/<int:pk>/score/", recognition.round_score, name="round_score"),
    path("recognition/<int:pk>/publish/", recognition.round_publish, name="round_publish"),
    path("recognition/<int:pk>/evidence/", recognition.evidence_download, name="evidence_download"),
    path("recognition/<int:pk>/votes/", ballot.vote_list, name="vote_list"),
    path("votes/<int:pk>/", ballot.vote_enter, name="vote_enter"),
    path("evidence/<int:pk>/", recognition.evidence_detail, name="evidence_detail"),
    path("evidence/<int:pk>/choose/", recognition.award_choose, name="award_choose"),
    path("awards/<int:pk>/withdraw/", recognition.award_withdraw, name="award_withdraw"),
    # figures
    path("figures/", dashboard.dashboard, name="dashboard"),
]
