"""Every URL of the application (the admin site has its own rule in ``test_access_admin``) and who gets what there.

To add a URL, add a ``Row``:

* ``name``: the URL's name with its namespace; a URL has more than one row where records differ in who sees them.
* ``may``: the people (``tests.access_world.PEOPLE``) who get the page; whoever is in neither list gets 403.
* ``methods``: what the view takes; every other method must be 405.
* ``pk``: for a URL with ``<int:pk>``, the record of ``tests.access_world.World`` that is asked for.
* ``export``: who of ``may`` takes the list along by a POST; the others get 403. Unless given, whoever may, may POST.
* ``unseen``: who has the right but must not know of this record: 404, the same bytes as for a record that is not there.
* ``get``: the status of a GET (200); ``post``: that of an empty POST: 422 for a form that comes back, 302 for a button.
* ``is_published``: a township's words stand there for everybody to read, its name on a notice for instance.
* ``anonymous``, ``anonymous_post``: what a visitor gets; 302 (to the sign-in page) unless the page is public.
"""

from dataclasses import dataclass

EVERYONE = "staff staff_elsewhere leader other_leader reviewer reviewer_elsewhere city_reviewer admin auditor"
EVERYBODY_ELSE = "staff staff_elsewhere other_leader reviewer reviewer_elsewhere city_reviewer admin auditor"
REVIEWERS = "reviewer reviewer_elsewhere city_reviewer"
OFFICES = "staff staff_elsewhere reviewer reviewer_elsewhere city_reviewer admin auditor"
# Who sees the home township's records, and who sees those of another township or team only.
HERE, ELSEWHERE = "staff leader reviewer city_reviewer admin auditor", "staff_elsewhere other_leader reviewer_elsewhere"
OFFICES_HERE, OFFICES_ELSEWHERE = "staff reviewer city_reviewer admin auditor", "staff_elsewhere reviewer_elsewhere"


@dataclass(frozen=True)
class Row:
    """One URL, as described above."""

    name: str
    may: str
    methods: str = "GET"
    pk: str = ""
    unseen: str = ""
    get: int = 200
    post: int = 422
    anonymous: int = 302
    anonymous_post: int = 302
    is_published: bool = False
    export: str = ""

    def takes(self, method: str) -> bool:
        """Whether the view answers ``method``."""
        return method in self.methods.split()

    def lets(self, person: str, method: str) -> bool:
        """Whether the person gets through by ``method``."""
        return person in (self.export if method == "POST" and self.export else self.may).split()


ROWS = [
    # common
    Row("home", EVERYONE),
    Row("set_language", EVERYONE, "POST", post=302),
    Row("healthz", EVERYONE, anonymous=200),
    Row("web_manifest", EVERYONE, anonymous=200),
    Row("service_worker", EVERYONE, anonymous=200),
    Row("offline", EVERYONE, anonymous=200),
    # accounts
    Row("accounts:sign_in", EVERYONE, "GET POST", get=302, anonymous=200, anonymous_post=422),
    Row("accounts:sign_out", EVERYONE, "POST", post=302),
    Row("accounts:password_change", EVERYONE, "GET POST"),
    Row("accounts:account", EVERYONE, "GET POST"),
    Row("accounts:reminder_list", EVERYONE),
    Row("accounts:reminder_see_all", EVERYONE, "POST", post=302),
    Row("accounts:reminder_open", "leader", "POST", "reminder", EVERYBODY_ELSE, post=302),
    Row("accounts:reminder_see", "leader", "POST", "reminder", EVERYBODY_ELSE, post=302),
    Row("accounts:audit_list", "admin auditor", "GET POST"),
    # volunteers
    Row("volunteers:list", EVERYONE, "GET POST", export=OFFICES),
    Row("volunteers:figures", EVERYONE),
    Row("volunteers:create", "staff staff_elsewhere admin", "GET POST"),
    Row("volunteers:detail", HERE, pk="volunteer", unseen=ELSEWHERE),
    Row(
        "volunteers:detail",
        "staff_elsewhere reviewer_elsewhere city_reviewer admin auditor",
        pk="moved_volunteer",
        unseen="staff leader other_leader reviewer",
    ),
    Row("volunteers:edit", "staff admin", "GET POST", "volunteer", "staff_elsewhere"),
    Row("volunteers:show_phone", "staff leader admin", "POST", "volunteer", "staff_elsewhere other_leader", post=200),
    Row("volunteers:suspend", "staff admin", "POST", "volunteer", "staff_elsewhere"),
    Row("volunteers:leave", "staff admin", "POST", "volunteer", "staff_elsewhere"),
    Row("volunteers:reinstate", "staff admin", "POST", "volunteer", "staff_elsewhere", post=302),
    Row("volunteers:endorse", "staff admin", "POST", "volunteer", "staff_elsewhere", post=302),
    Row("volunteers:approve", "admin", "POST", "volunteer", post=302),
    Row("volunteers:reject", "staff admin", "POST", "volunteer", "staff_elsewhere"),
    Row("volunteers:import_list", "staff staff_elsewhere admin", "GET POST"),
    Row("volunteers:import_create", "staff staff_elsewhere admin", "GET POST"),
    Row("volunteers:import_template", "staff staff_elsewhere admin"),
    Row("volunteers:import_detail", "staff admin", pk="volunteer_import", unseen="staff_elsewhere"),
    Row("volunteers:import_map", "staff admin", "POST", "volunteer_import", "staff_elsewhere"),
    Row("volunteers:import_remap", "staff admin", "POST", "volunteer_import", "staff_elsewhere", post=302),
    Row("volunteers:import_confirm", "staff admin", "POST", "volunteer_import", "staff_elsewhere", post=302),
    Row("volunteers:import_discard", "staff admin", "POST", "volunteer_import", "staff_elsewhere", post=302),
    Row("volunteers:import_wrong_rows", "staff admin", "POST", "volunteer_import", "staff_elsewhere", post=302),
    # volunteers: training
    Row("training:course_list", OFFICES, "GET POST"),
    Row("training:course_create", "staff staff_elsewhere admin", "GET POST"),
    Row("training:course_detail", OFFICES_HERE, "GET POST", pk="course", unseen=OFFICES_ELSEWHERE),
    Row("training:course_detail", OFFICES, "GET POST", pk="city_course"),
    Row("training:course_edit", "staff admin", "GET POST", "planned_course", "staff_elsewhere"),
    Row("training:course_edit", "admin", "GET POST", "city_course", "staff staff_elsewhere"),
    Row("training:course_hold", "staff admin", "POST", "course", "staff_elsewhere", post=302),
    Row("training:course_cancel", "staff admin", "POST", "planned_course", "staff_elsewhere"),
    Row("training:course_invited", OFFICES_HERE, "GET POST", pk="planned_course", unseen=OFFICES_ELSEWHERE),
    Row("training:invite_list", "staff admin", "GET POST", pk="planned_course", unseen="staff_elsewhere"),
    Row("training:invite_add", "staff admin", "POST", "planned_course", "staff_elsewhere", post=302),
    Row("training:invitation_take_back", "staff admin", "POST", "planned_course", "staff_elsewhere", post=302),
    Row("training:roll", "staff admin", "GET POST", "course", "staff_elsewhere"),
    Row("training:roll", "staff staff_elsewhere admin", "GET POST", "city_course"),
    Row("training:sheet", OFFICES_HERE, pk="planned_course", unseen=OFFICES_ELSEWHERE),
    Row("training:poster", "staff admin", pk="planned_course", unseen="staff_elsewhere"),
    Row("training:attendance_list", OFFICES, "GET POST"),
    Row("training:attendance_edit", "staff admin", "GET POST", "attendance", "staff_elsewhere"),
    Row("training:attendance_remove", "staff admin", "POST", "attendance", "staff_elsewhere", post=302),
    Row("training:open_name_dismiss", "staff admin", "POST", "open_name", "staff_elsewhere", post=302),
    Row("training:need_list", OFFICES, "GET POST"),
    Row("training:invite_chosen", "staff staff_elsewhere admin", "POST", post=302),
    Row("training:figures", OFFICES),
    Row(
        "training:sign_in",
        EVERYONE,
        "GET POST",
        "sign_in_code",
        anonymous=200,
        anonymous_post=422,
        is_published=True,
    ),
    # volunteers: texts
    Row("texts:index", EVERYONE, anonymous=200),
    Row("texts:version", EVERYONE, pk="public_text", anonymous=200),
    # volunteers: badges
    Row("volunteers:badge_list", OFFICES, "GET POST"),
    Row("volunteers:badge_needed", OFFICES, "GET POST"),
    Row("volunteers:badge_issue_many", "staff staff_elsewhere admin", "POST", post=302),
    Row("volunteers:badge_issue", "staff admin", "POST", "free_volunteer", "staff_elsewhere", post=302),
    Row("volunteers:badge_reissue", "staff admin", "GET POST", "badge", "staff_elsewhere"),
    Row("volunteers:badge_lost", "staff admin", "GET POST", "badge", "staff_elsewhere"),
    Row("volunteers:badge_revoke", "staff admin", "GET POST", "badge", "staff_elsewhere"),
    Row("volunteers:badge_print", "staff staff_elsewhere admin", "POST", post=302),
    Row("volunteers:badge_print_list", OFFICES, "GET POST"),
    Row("volunteers:badge_print_detail", OFFICES_HERE, pk="badge_print", unseen=OFFICES_ELSEWHERE),
    Row("volunteers:badge_print_file", "staff admin", pk="badge_print", unseen="staff_elsewhere"),
    Row("badges:ask", EVERYONE, "GET POST", anonymous=200, anonymous_post=422),
    Row("badges:show", EVERYONE, pk="public_badge", anonymous=200, is_published=True),
    Row("volunteers:text_list", OFFICES),
    Row("volunteers:text_start", "admin", "POST", post=302),
    Row("volunteers:text_accept", EVERYONE, "GET POST"),
    Row("volunteers:text_edit", "admin", "GET POST", "draft_text"),
    Row("volunteers:text_publish", "admin", "POST", "draft_text"),
    Row("volunteers:text_discard", "admin", "POST", "draft_text", post=302),
    Row("volunteers:acceptance_list", OFFICES, "GET POST"),
    Row("volunteers:acceptance_enter", "staff staff_elsewhere admin", "POST", post=302),
    Row("volunteers:acceptance_withdraw", "staff admin", "POST", "acceptance", "staff_elsewhere", post=302),
    # volunteers: the dossier
    Row("volunteers:show_id_number", "staff admin", "POST", "volunteer", "staff_elsewhere", post=200),
    Row("volunteers:print", OFFICES_HERE, "POST", "volunteer", OFFICES_ELSEWHERE, post=200),
    Row("volunteers:photo", HERE, pk="volunteer", unseen=ELSEWHERE),
    Row("volunteers:photo_edit", "staff admin", "GET POST", "volunteer", "staff_elsewhere"),
    Row("volunteers:photo_remove", "staff admin", "POST", "volunteer", "staff_elsewhere", post=302),
    Row("volunteers:qualification_list", EVERYONE, "GET POST", export=OFFICES),
    Row("volunteers:qualification_add", "staff admin", "GET POST", "volunteer", "staff_elsewhere"),
    Row("volunteers:qualification_renew", "staff admin", "GET POST", "qualification", "staff_elsewhere"),
    Row("volunteers:qualification_withdraw", "staff admin", "GET POST", "qualification", "staff_elsewhere"),
    # volunteers: applications and doubles
    Row("apply:start", EVERYONE, anonymous=200, is_published=True),
    Row("apply:follow", EVERYONE, "GET POST", anonymous=200, anonymous_post=422),
    Row(
        "apply:form",
        EVERYONE,
        "GET POST",
        "apply_address",
        anonymous=200,
        anonymous_post=422,
        is_published=True,
    ),
    Row("volunteers:application_list", "staff staff_elsewhere admin auditor", "GET POST"),
    Row("volunteers:poster", "staff staff_elsewhere admin auditor"),
    Row("volunteers:application_detail", "staff admin auditor", pk="application", unseen="staff_elsewhere"),
    Row("volunteers:application_endorse", "staff admin", "POST", "application", "staff_elsewhere", post=302),
    Row("volunteers:application_reject", "staff admin", "POST", "application", "staff_elsewhere"),
    Row(
        "volunteers:application_phone",
        "staff admin",
        "POST",
        "application",
        "staff_elsewhere leader other_leader",
        post=200,
    ),
    Row("volunteers:admit", "admin", "POST", post=302),
    Row("volunteers:double_list", "staff staff_elsewhere admin auditor"),
    Row("volunteers:move_list", "staff staff_elsewhere admin auditor", "GET POST"),
    Row("volunteers:move", "staff admin", "GET POST", "volunteer", "staff_elsewhere"),
    Row("volunteers:merge", "admin", "GET POST", "volunteer"),
    Row("volunteers:merge_undo", "admin", "POST", "merge", post=302),
    Row("volunteers:tell_apart", "staff admin", "POST", "volunteer", "staff_elsewhere", post=302),
    # grids
    Row("grids:grid_public", EVERYONE, pk="public_grid", anonymous=200, is_published=True),
    Row("grids:card_list", OFFICES, "GET POST"),
    Row("grids:card_figures", OFFICES, "GET POST", post=302),
    Row("grids:card_print", "staff staff_elsewhere admin", "POST", post=302),
    Row("grids:card_print_detail", OFFICES_HERE, pk="card_print", unseen=OFFICES_ELSEWHERE),
    Row("grids:card_file", "staff admin", pk="card_file", unseen="staff_elsewhere"),
    Row("grids:card_batch_list", OFFICES, "GET POST"),
    Row("grids:card_batch_detail", OFFICES_HERE, pk="card_batch", unseen=OFFICES_ELSEWHERE),
    Row("grids:card_hand_out", "staff admin", "GET POST", "card_batch", "staff_elsewhere"),
    Row("grids:card_hand_out_many", "staff staff_elsewhere admin", "POST", post=302),
    Row("grids:card_hand_out_list", OFFICES, "GET POST"),
    Row("grids:card_hand_out_take_back", "staff admin", "GET POST", "hand_out", "staff_elsewhere"),
    Row("grids:village_list", EVERYONE, "GET POST", export=OFFICES, post=302),
    Row("grids:grid_list", EVERYONE, "GET POST", export=OFFICES),
    Row(
        "grids:township_detail",
        f"{HERE} other_leader",
        "GET POST",
        "township",
        OFFICES_ELSEWHERE,
        export=OFFICES_HERE,
        post=302,
    ),
    Row("grids:village_detail", f"{HERE} other_leader", pk="village", unseen=OFFICES_ELSEWHERE),
    Row("grids:township_place", f"{HERE} other_leader", pk="township", unseen=OFFICES_ELSEWHERE),
    Row("grids:township_rename", "admin", "GET POST", "township"),
    Row("grids:township_merge", "admin", "GET POST", "township"),
    Row("grids:village_rename", "admin", "GET POST", "village"),
    Row("grids:village_merge", "admin", "GET POST", "village"),
    Row("grids:village_edit", "staff admin", "GET POST", "village", "staff_elsewhere"),
    Row("grids:grid_create", "staff admin", "GET POST", "village", "staff_elsewhere"),
    Row("grids:village_divide", "staff admin", "GET POST", "village", "staff_elsewhere"),
    Row("grids:grids_merge", "staff admin", "GET POST", "village", "staff_elsewhere"),
    Row("grids:grids_renumber", "staff admin", "GET POST", "village", "staff_elsewhere"),
    Row("grids:grid_split", "staff admin", "GET POST", "grid", "staff_elsewhere"),
    Row("grids:grid_import_create", "staff staff_elsewhere admin", "GET POST"),
    Row("grids:grid_import_template", "staff staff_elsewhere admin"),
    Row("grids:grid_import_detail", "staff admin", pk="grid_import", unseen="staff_elsewhere"),
    Row("grids:grid_import_start", "staff admin", "POST", "grid_import", "staff_elsewhere", post=302),
    Row("grids:grid_import_wrong_rows", "staff admin", pk="grid_import", unseen="staff_elsewhere"),
    Row("grids:grid_detail", f"{HERE} other_leader", pk="grid", unseen=OFFICES_ELSEWHERE),
    Row("grids:grid_edit", "staff admin", "GET POST", "grid", "staff_elsewhere"),
    Row("grids:grid_retire", "staff admin", "POST", "empty_grid", "staff_elsewhere", post=302),
    Row("grids:team_form", "staff admin", "GET POST", "empty_grid", "staff_elsewhere"),
    Row("grids:channel_list", EVERYONE, "GET POST", export=OFFICES),
    Row("grids:channel_create", "staff staff_elsewhere admin", "GET POST"),
    Row("grids:channel_edit", "staff admin", "GET POST", "channel", "staff_elsewhere"),
    Row("grids:channel_move", "staff admin", "POST", "channel", "staff_elsewhere", post=302),
    Row("grids:channel_retire", "staff admin", "POST", "channel", "staff_elsewhere", post=302),
    Row("grids:channel_activate", "staff admin", "POST", "channel", "staff_elsewhere", post=302),
    # grids: composing teams
    Row("grids:composition_list", OFFICES),
    Row("grids:composition_begin", "staff staff_elsewhere admin", "GET POST"),
    Row("grids:composition_detail", OFFICES_HERE, pk="composition", unseen=OFFICES_ELSEWHERE),
    Row("grids:composition_seat", "staff admin", pk="proposed_seat", unseen="staff_elsewhere"),
    Row("grids:composition_change", "staff admin", "POST", "composition", "staff_elsewhere", post=302),
    Row("grids:composition_accept", "staff admin", "POST", "composition", "staff_elsewhere", post=302),
    Row("grids:composition_solve", "staff admin", "POST", "composition", "staff_elsewhere", post=302),
    Row("grids:composition_stop", "staff admin", "POST", "composition", "staff_elsewhere", post=302),
    Row("grids:composition_discard", "staff admin", "POST", "composition", "staff_elsewhere", post=302),
    Row("grids:team_list", EVERYONE, "GET POST", export=OFFICES),
    Row("grids:team_detail", HERE, pk="team", unseen=ELSEWHERE),
    Row("grids:team_rename", "staff admin", "GET POST", "team", "staff_elsewhere"),
    Row("grids:team_activate", "staff admin", "POST", "team", "staff_elsewhere", post=302),
    Row("grids:team_dissolve", "staff admin", "GET POST", "team", "staff_elsewhere"),
    Row("grids:member_add", "staff admin", "GET POST", "team", "staff_elsewhere"),
    Row("grids:member_replace", "staff admin", "GET POST", "membership", "staff_elsewhere"),
    Row("grids:member_remove", "staff admin", "GET POST", "membership", "staff_elsewhere"),
    Row("grids:leader_choose", "staff admin", "POST", "membership", "staff_elsewhere", post=302),
    Row("grids:deputy_choose", "staff admin", "POST", "membership", "staff_elsewhere", post=302),
    Row("grids:deputy_release", "staff admin", "POST", "membership", "staff_elsewhere", post=302),
    # services: logs
    Row("services:log_list", EVERYONE, "GET POST", export=OFFICES),
    Row("services:log_create", "staff staff_elsewhere leader other_leader", "GET POST"),
    Row("services:helper_suggest", "staff staff_elsewhere leader other_leader"),
    Row("services:log_rows", "staff staff_elsewhere leader other_leader", "GET POST"),
    Row("services:log_row_check", "staff staff_elsewhere leader other_leader", "POST", post=200),
    Row("services:outbox", "staff staff_elsewhere leader other_leader"),
    Row("services:outbox_send", "staff staff_elsewhere leader other_leader", "POST", post=409),
    Row("services:import_create", "staff staff_elsewhere leader other_leader", "GET POST"),
    Row("services:import_template", "staff staff_elsewhere leader other_leader", "POST", post=200),
    Row(
        "services:import_list", "staff staff_elsewhere leader other_leader", "GET POST", export="staff staff_elsewhere"
    ),
    Row("services:import_detail", "staff", pk="log_import", unseen="staff_elsewhere leader other_leader"),
    Row(
        "services:import_start",
        "staff",
        "POST",
        pk="log_import",
        unseen="staff_elsewhere leader other_leader",
        post=302,
    ),
    Row(
        "services:import_continue",
        "staff",
        "POST",
        pk="log_import",
        unseen="staff_elsewhere leader other_leader",
        post=302,
    ),
    Row(
        "services:import_wrong_rows",
        "staff",
        "POST",
        pk="log_import",
        unseen="staff_elsewhere leader other_leader",
        post=200,
    ),
    Row("services:log_detail", HERE, pk="log", unseen=ELSEWHERE),
    Row("services:log_edit", "staff leader", "GET POST", "log", "staff_elsewhere other_leader"),
    Row("services:log_withdraw", "staff leader", "POST", "log", "staff_elsewhere other_leader"),
    # services: requests
    Row("services:call_create", "staff staff_elsewhere leader other_leader", "GET POST"),
    Row("services:request_list", EVERYONE, "GET POST", export=OFFICES),
    Row("services:request_create", "staff staff_elsewhere leader other_leader", "GET POST"),
    Row("services:request_detail", HERE, pk="request", unseen=ELSEWHERE),
    Row("services:request_close", "staff leader", "POST", "request", "staff_elsewhere other_leader"),
    Row("services:request_hand", "staff", "POST", "page_request", "staff_elsewhere leader other_leader"),
    Row("services:request_phone", "staff leader admin", "POST", "request", "staff_elsewhere other_leader", post=200),
    Row("services:correction_list", EVERYONE, "GET POST", export=OFFICES),
    Row("services:correction_ask", "staff leader", "GET POST", "read_log", "staff_elsewhere other_leader"),
    Row("services:correction_detail", HERE, pk="correction", unseen=ELSEWHERE),
    Row("services:correction_take_back", "staff leader", "POST", "correction", "staff_elsewhere other_leader"),
    Row("services:correction_grant", "reviewer city_reviewer", "POST", "correction", "reviewer_elsewhere"),
    Row("services:correction_refuse", "reviewer city_reviewer", "POST", "correction", "reviewer_elsewhere"),
    Row("services:photo_add", "staff leader", "POST", "log", "staff_elsewhere other_leader"),
    Row("services:photo", HERE, pk="photo", unseen=ELSEWHERE),
    Row("services:photo_thumbnail", HERE, pk="photo", unseen=ELSEWHERE),
    Row("services:photo_remove", "staff leader", "POST", "photo", "staff_elsewhere other_leader", post=302),
    # services: slips for recipients, and the public page
    Row("confirm", EVERYONE, "GET POST", anonymous=200, anonymous_post=422),
    Row("services:slip", "staff leader", "POST", "log", "staff_elsewhere other_leader", post=302),
    Row("services:slip_list", "staff staff_elsewhere leader other_leader", "GET POST"),
    Row("services:slip_print", "staff staff_elsewhere leader other_leader"),
    # services: monthly reports
    Row("services:report_list", EVERYONE, "GET POST", export=OFFICES),
    Row("services:report_submit_all", "staff staff_elsewhere leader other_leader", "POST", post=302),
    Row("services:review_desk", REVIEWERS),
    Row("services:report_read_plain", REVIEWERS, "POST", post=302),
    Row("services:report_detail", HERE, pk="report", unseen=ELSEWHERE),
    Row("services:report_submit", "staff leader", "POST", pk="report", unseen="staff_elsewhere other_leader"),
    Row(
        "services:report_read",
        "reviewer city_reviewer",
        "POST",
        pk="submitted_report",
        unseen="reviewer_elsewhere",
        post=302,
    ),
    Row("services:report_return", "reviewer city_reviewer", "POST", pk="submitted_report", unseen="reviewer_elsewhere"),
    Row("services:report_reopen", "reviewer city_reviewer", "POST", pk="report", unseen="reviewer_elsewhere"),
    Row("services:desk_team", "reviewer city_reviewer", pk="report", unseen="reviewer_elsewhere"),
    Row("services:report_answer_flags", "reviewer city_reviewer", "POST", pk="report", unseen="reviewer_elsewhere"),
    Row("services:comment_settle", "reviewer city_reviewer", "POST", pk="comment", unseen="reviewer_elsewhere"),
    Row("services:flag_answer", "reviewer city_reviewer", "POST", pk="flag", unseen="reviewer_elsewhere"),
    Row("services:log_comment", "reviewer city_reviewer", "POST", pk="log", unseen="reviewer_elsewhere"),
    # services: a team's month and its visit plans
    Row("services:my_month", "leader other_leader", get=302),
    Row("services:team_month", "staff leader", "GET POST", "team", "staff_elsewhere other_leader"),
    Row("services:visit_plan_create", "staff leader", "GET POST", "team", "staff_elsewhere other_leader"),
    Row("services:visit_plan_edit", "staff leader", "GET POST", "visit_plan", "staff_elsewhere other_leader"),
    Row("services:visit_plan_end", "staff leader", "POST", "visit_plan", "staff_elsewhere other_leader", post=302),
    Row("services:silent_list", EVERYONE, "GET POST", export=OFFICES),
    Row("services:uncovered_list", EVERYONE, "GET POST", export=OFFICES),
    # services: samples
    Row("services:sample_list", "city_reviewer auditor", "GET POST", post=302),
    Row("services:sample_create", "city_reviewer", "GET POST"),
    Row("services:sample_detail", "city_reviewer auditor", "GET POST", pk="sample"),
    Row("services:sample_population_download", "city_reviewer auditor", pk="sample"),
    Row("services:sampled_check", "city_reviewer", "GET POST", pk="sampled"),
    Row("services:finding_answer", "reviewer city_reviewer", "GET POST", "sampled", "reviewer_elsewhere"),
    # services: notices and objections
    Row("services:notice_list", OFFICES, "GET POST"),
    Row("services:notice_create", REVIEWERS, "GET POST"),
    Row("services:notice_detail", OFFICES_HERE, pk="notice", unseen=OFFICES_ELSEWHERE),
    Row("services:notice_withdraw", "reviewer city_reviewer", "POST", "notice", "reviewer_elsewhere"),
    Row("services:objection_list", OFFICES, "GET POST"),
    Row("services:objection_answer", "staff reviewer city_reviewer", "POST", "objection", OFFICES_ELSEWHERE),
    Row(
        "services:objection_contact",
        "staff reviewer city_reviewer",
        "POST",
        "objection",
        OFFICES_ELSEWHERE,
        post=200,
    ),
    # what everybody may see
    Row("notices:index", EVERYONE, anonymous=200, is_published=True),
    Row(
        "notices:notice",
        EVERYONE,
        "GET POST",
        "public_notice",
        anonymous=200,
        anonymous_post=422,
        is_published=True,
    ),
    Row("notices:objection", EVERYONE, pk="public_objection", anonymous=200, is_published=True),
    # services: asking for help
    Row("services:ask_start", EVERYONE, anonymous=200, is_published=True),
    Row("services:ask_township", EVERYONE, pk="township_to_ask", anonymous=200, is_published=True),
    Row(
        "services:ask_village",
        EVERYONE,
        "GET POST",
        "village_to_ask",
        anonymous=200,
        anonymous_post=422,
        is_published=True,
    ),
    Row("services:ask", EVERYONE, "GET POST", "public_grid", anonymous=200, anonymous_post=422, is_published=True),
    Row("services:ask_follow", EVERYONE, "GET POST", anonymous=200, anonymous_post=422),
    Row("services:ask_followed", EVERYONE, pk="asked_code", anonymous=200, is_published=True),
    # services: feedback
    Row("feedback:ask", EVERYONE, "GET POST", anonymous=200, anonymous_post=422),
    Row("feedback:give", EVERYONE, "GET POST", pk="public_badge", anonymous=200, anonymous_post=422, is_published=True),
    Row("feedback:follow", EVERYONE, pk="public_feedback", anonymous=200, is_published=True),
    Row("services:feedback_list", OFFICES, "GET POST"),
    Row("services:feedback_figures", OFFICES),
    Row("services:feedback_detail", OFFICES_HERE, pk="feedback", unseen=OFFICES_ELSEWHERE),
    Row("services:feedback_answer", "staff", "POST", "feedback", "staff_elsewhere"),
    Row("services:feedback_phone", "staff", "POST", "feedback", "staff_elsewhere", post=200),
    # services: service record certificates
    Row("services:certificate_list", OFFICES, "GET POST"),
    Row("services:certificate_issue", "staff admin", "GET POST", "volunteer", "staff_elsewhere"),
    Row("services:certificate_detail", OFFICES_HERE, pk="certificate", unseen=OFFICES_ELSEWHERE),
    Row("services:certificate_print", OFFICES_HERE, "POST", "certificate", OFFICES_ELSEWHERE, post=200),
    Row("services:certificate_reissue", "staff admin", "GET POST", "certificate", "staff_elsewhere"),
    Row("services:certificate_revoke", "staff admin", "POST", "certificate", "staff_elsewhere"),
    Row("certificates:check", EVERYONE, "GET POST", anonymous=200, anonymous_post=422),
    Row(
        "certificates:show",
        EVERYONE,
        "GET POST",
        "public_certificate",
        anonymous=200,
        anonymous_post=422,
        is_published=True,
    ),
    # services: recognition and figures
    Row("services:round_list", OFFICES),
    Row("services:round_create", "city_reviewer", "GET POST"),
    Row("services:round_detail", OFFICES, "GET POST", pk="round", post=200),
    Row("services:round_detail", OFFICES, "GET POST", pk="scored_round"),
    Row("services:round_edit", "city_reviewer", "GET POST", "round"),
    Row("services:round_score", "city_reviewer", "POST", "round"),
    Row("services:round_publish", "city_reviewer", "POST", "scored_round", post=302),
    Row("services:vote_list", OFFICES, "GET POST", pk="round"),
    Row("services:vote_enter", "staff reviewer city_reviewer", "GET POST", "grid", OFFICES_ELSEWHERE),
    Row("services:evidence_download", "city_reviewer admin auditor", "POST", "scored_round", post=200),
    Row("services:evidence_detail", OFFICES_HERE, pk="evidence", unseen=OFFICES_ELSEWHERE),
    Row("services:award_choose", "city_reviewer", "POST", "evidence", post=302),
    Row("services:award_withdraw", "city_reviewer", "POST", "award", post=302),
    Row("services:dashboard", OFFICES),
    # services: ledgers, as private as the volunteer's and the team's page
    Row("services:volunteer_ledger", HERE, pk="volunteer", unseen=ELSEWHERE),
    Row(
        "services:volunteer_ledger",
        "staff_elsewhere reviewer_elsewhere city_reviewer admin auditor",
        pk="moved_volunteer",
        unseen="staff leader other_leader reviewer",
    ),
    Row("services:team_ledger", HERE, pk="team", unseen=ELSEWHERE),
]
