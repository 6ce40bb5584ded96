"""Logs, reports and recognition."""

from django.urls import include, path

from services.views import (
    ask,
    ballot,
    certificate,
    confirmation,
    correction,
    dashboard,
    desk,
    feedback,
    intake,
    ledger,
    log,
    log_import,
    month,
    notice,
    outbox,
    photo,
    recognition,
    report,
    request,
    row,
    sample,
    silence,
    visit_plan,
)

app_name = "services"
OFFICE = [
    # logs
    path("logs/", log.log_list, name="log_list"),
    path("logs/new/", log.log_create, name="log_create"),
    path("logs/call/", log.call_create, name="call_create"),
    path("logs/helpers/", log.helper_suggest, name="helper_suggest"),
    path("logs/rows/", row.log_rows, name="log_rows"),
    path("logs/rows/check/", row.log_row_check, name="log_row_check"),
    path("logs/outbox/", outbox.outbox, name="outbox"),
    path("logs/outbox/send/", outbox.outbox_send, name="outbox_send"),
    path("logs/import/", log_import.import_create, name="import_create"),
    path("logs/import/template/", log_import.import_template, name="import_template"),
    path("logs/imports/", log_import.import_list, name="import_list"),
    path("logs/imports/<int:pk>/", log_import.import_detail, name="import_detail"),
    path("logs/imports/<int:pk>/start/", log_import.import_start, name="import_start"),
    path("logs/imports/<int:pk>/continue/", log_import.import_continue, name="import_continue"),
    path("logs/imports/<int:pk>/wrong-rows/", log_import.import_wrong_rows, name="import_wrong_rows"),
    path("logs/<int:pk>/", log.log_detail, name="log_detail"),
    path("logs/<int:pk>/edit/", log.log_edit, name="log_edit"),
    path("logs/<int:pk>/withdraw/", log.log_withdraw, name="log_withdraw"),
    path("logs/<int:pk>/correct/", correction.correction_ask, name="correction_ask"),
    # corrections of read months
    path("corrections/", correction.correction_list, name="correction_list"),
    path("corrections/<int:pk>/", correction.correction_detail, name="correction_detail"),
    path("corrections/<int:pk>/take-back/", correction.correction_take_back, name="correction_take_back"),
    path("corrections/<int:pk>/grant/", correction.correction_grant, name="correction_grant"),
    path("corrections/<int:pk>/refuse/", correction.correction_refuse, name="correction_refuse"),
    # requests
    path("requests/", request.request_list, name="request_list"),
    path("requests/new/", intake.request_create, name="request_create"),
    path("requests/lookup/", intake.request_lookup, name="request_lookup"),
    path("requests/<int:pk>/code/", intake.request_code, name="request_code"),
    path("requests/<int:pk>/", request.request_detail, name="request_detail"),
    path("requests/<int:pk>/hand/", request.request_hand, name="request_hand"),
    path("requests/<int:pk>/close/", request.request_close, name="request_close"),
    path("requests/<int:pk>/phone/", request.request_phone, name="request_phone"),
    # slips for recipients
    path("logs/<int:pk>/slip/", confirmation.slip, name="slip"),
    path("slips/", confirmation.slip_list, name="slip_list"),
    path("slips/print/", confirmation.slip_print, name="slip_print"),
    # photos
    path("logs/<int:pk>/photos/", photo.photo_add, name="photo_add"),
    path("photos/<int:pk>/", photo.photo, name="photo"),
    path("photos/<int:pk>/small/", photo.photo_thumbnail, name="photo_thumbnail"),
    path("photos/<int:pk>/remove/", photo.photo_remove, name="photo_remove"),
    # reports
    path("reports/", report.report_list, name="report_list"),
    path("reports/submit-all/", report.report_submit_all, name="report_submit_all"),
    path("reports/desk/", desk.review_desk, name="review_desk"),
    path("reports/desk/read-plain/", desk.report_read_plain, name="report_read_plain"),
    path("reports/<int:pk>/", report.report_detail, name="report_detail"),
    path("reports/<int:pk>/desk/", desk.desk_team, name="desk_team"),
    path("reports/<int:pk>/answer-flags/", report.report_answer_flags, name="report_answer_flags"),
    path("reports/<int:pk>/submit/", report.report_submit, name="report_submit"),
    path("reports/<int:pk>/read/", report.report_read, name="report_read"),
    path("reports/<int:pk>/return/", report.report_return, name="report_return"),
    path("reports/<int:pk>/reopen/", report.report_reopen, name="report_reopen"),
    path("logs/<int:pk>/comment/", report.log_comment, name="log_comment"),
    path("comments/<int:pk>/settle/", report.comment_settle, name="comment_settle"),
    path("flags/<int:pk>/answer/", report.flag_answer, name="flag_answer"),
    # a team's month
    path("month/", month.my_month, name="my_month"),
    path("month/<int:pk>/", month.team_month, name="team_month"),
    path("month/<int:pk>/visits/new/", visit_plan.visit_plan_create, name="visit_plan_create"),
    path("month/visits/<int:pk>/", visit_plan.visit_plan_edit, name="visit_plan_edit"),
    path("month/visits/<int:pk>/end/", visit_plan.visit_plan_end, name="visit_plan_end"),
    # who has not served for long
    path("silent/", silence.silent_list, name="silent_list"),
    path("silent/grids/", silence.uncovered_list, name="uncovered_list"),
    # samples of read months
    path("samples/", sample.sample_list, name="sample_list"),
    path("samples/new/", sample.sample_create, name="sample_create"),
    path("samples/<int:pk>/", sample.sample_detail, name="sample_detail"),
    path("samples/<int:pk>/population/", sample.sample_population, name="sample_population_download"),
    path("sampled/<int:pk>/", sample.sampled_check, name="sampled_check"),
    path("sampled/<int:pk>/answer/", sample.finding_answer, name="finding_answer"),
    # notices
    path("notices/", notice.notice_list, name="notice_list"),
    path("notices/new/", notice.notice_create, name="notice_create"),
    path("notices/<int:pk>/", notice.notice_detail, name="notice_detail"),
    path("notices/<int:pk>/withdraw/", notice.notice_withdraw, name="notice_withdraw"),
    path("objections/", notice.objection_list, name="objection_list"),
    path("objections/<int:pk>/answer/", notice.objection_answer, name="objection_answer"),
    path("objections/<int:pk>/contact/", notice.objection_contact, name="objection_contact"),
    # feedback
    path("feedback/", feedback.feedback_list, name="feedback_list"),
    path("feedback/figures/", feedback.feedback_figures, name="feedback_figures"),
    path("feedback/<int:pk>/", feedback.feedback_detail, name="feedback_detail"),
    path("feedback/<int:pk>/answer/", feedback.feedback_answer, name="feedback_answer"),
    path("feedback/<int:pk>/phone/", feedback.feedback_phone, name="feedback_phone"),
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
    # service record certificates
    path("certificates/", certificate.certificate_list, name="certificate_list"),
    path("certificates/<int:pk>/", certificate.certificate_detail, name="certificate_detail"),
    path("certificates/<int:pk>/print/", certificate.certificate_print, name="certificate_print"),
    path("certificates/<int:pk>/reissue/", certificate.certificate_reissue, name="certificate_reissue"),
    path("certificates/<int:pk>/revoke/", certificate.certificate_revoke, name="certificate_revoke"),
    path("certificates/volunteers/<int:pk>/new/", certificate.certificate_issue, name="certificate_issue"),
    # ledgers
    path("ledgers/volunteers/<int:pk>/", ledger.volunteer_ledger, name="volunteer_ledger"),
    path("ledgers/teams/<int:pk>/", ledger.team_ledger, name="team_ledger"),
    # figures
    path("figures/", dashboard.dashboard, name="dashboard"),
]

# Residents ask for help without an account; the first is printed on cards: it stays as it is, and short.
PUBLIC = [
    path("", ask.start, name="ask_start"),
    path("follow/", ask.follow, name="ask_follow"),
    path("follow/<str:code>/", ask.followed, name="ask_followed"),
    path("township/<str:code>/", ask.villages, name="ask_township"),
    path("village/<str:code>/", ask.ask_village, name="ask_village"),
    path("<str:code>/", ask.ask, name="ask"),
]

urlpatterns = [path("services/", include(OFFICE)), path("ask/", include(PUBLIC))]
