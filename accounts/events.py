"""How the audit trail names what happened: the domain functions' names, as people say it.

A test holds that every function decorated with ``@event`` has its line here.
"""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    # accounts
    "sign_in": _("Signed in"),
    "sign_in_failed": _("Failed to sign in"),
    "lock_out": _("Locked out after failed sign-ins"),
    "sign_out": _("Signed out"),
    "create_user": _("Opened an account"),
    "edit_user": _("Changed an account"),
    "edit_own_account": _("Changed their own settings"),
    "change_password": _("Changed their own password"),
    "reset_password": _("Set a new first password"),
    "unlock_user": _("Lifted a lock-out"),
    # volunteers
    "register_volunteer": _("Registered a volunteer"),
    "edit_volunteer": _("Changed a volunteer's record"),
    "suspend": _("Suspended a volunteer"),
    "reinstate": _("Reinstated a volunteer"),
    "leave": _("A volunteer left the programme"),
    "endorse": _("Endorsed an applicant"),
    "approve": _("Accepted an applicant"),
    "reject": _("Rejected an applicant"),
    "show_phone": _("Looked at a phone number"),
    # grids
    "draw_grid": _("Drew a grid"),
    "edit_grid": _("Changed a grid"),
    "retire_grid": _("Retired a grid"),
    "form_team": _("Formed a team"),
    "rename_team": _("Renamed a team"),
    "add_member": _("Added a member"),
    "remove_member": _("Removed a member"),
    "replace_member": _("Replaced a member"),
    "choose_leader": _("Chose the leader"),
    "choose_deputy": _("Chose a deputy"),
    "make_member": _("Made a deputy an ordinary member"),
    "activate_team": _("Activated a team"),
    "dissolve_team": _("Dissolved a team"),
    # services
    "record_service": _("Logged a service"),
    "edit_service": _("Changed a service log"),
    "withdraw_service": _("Withdrew a service log"),
    "open_request": _("Noted a request for help"),
    "close_request": _("Closed a request without a service"),
    "serve_call": _("Logged a call that was answered at once"),
    "issue_slips": _("Made slips for recipients"),
    "answer_confirmation": _("A recipient answered"),
    "add_waiting": _("Sent photos"),
    "discard_waiting": _("Forgot photos of a form that was not saved"),
    "add_photos": _("Added photos to a log"),
    "remove_photo": _("Took a photo away"),
    "ask_change": _("Asked for a correction"),
    "ask_strike": _("Asked that a service be struck"),
    "take_back_correction": _("Took back a correction"),
    "grant_correction": _("Granted a correction"),
    "refuse_correction": _("Refused a correction"),
    "add_visit_plan": _("Added a visit plan"),
    "edit_visit_plan": _("Changed a visit plan"),
    "end_visit_plan": _("Ended a visit plan"),
    "upload_logs": _("Uploaded a spreadsheet of logs"),
    "start_import": _("Confirmed the rows of a spreadsheet"),
    "note_progress": _("Imported rows of a spreadsheet"),
    "download_import_template": _("Downloaded the template for logs, with names and numbers"),
    "download_wrong_rows": _("Downloaded the wrong rows of a spreadsheet"),
    "open_missing_months": _("Opened the months that were missing"),
    "submit_month": _("Submitted a month"),
    "submit_months": _("Submitted a township's months"),
    "read_month": _("Marked a month as read"),
    "read_plain_months": _("Marked plain months as read"),
    "return_month": _("Returned a month"),
    "reopen_month": _("Reopened a month"),
    "comment_on_log": _("Commented on a log"),
    "settle_comment": _("Ticked a comment as settled, or took the tick back"),
    "answer_flag": _("Answered a flag"),
    "answer_flags": _("Answered all flags of a kind in a month"),
    "draw_sample": _("Drew a sample"),
    "check_sampled": _("Checked a sampled month"),
    "answer_finding": _("Answered a finding of the sample"),
    "open_notice": _("Opened a notice"),
    "withdraw_notice": _("Withdrew a notice"),
    "make_objection": _("An objection to a notice came in"),
    "answer_objection": _("Answered an objection"),
    "show_contact": _("Looked at the contact of an objection"),
    "open_round": _("Opened a recognition round"),
    "edit_round": _("Changed a round's thresholds"),
    "enter_votes": _("Entered votes"),
    "score_round": _("Scored a round"),
    "download_evidence": _("Downloaded a round's evidence"),
    "publish_round": _("Published a round"),
    "choose_award": _("Chose an awardee"),
    "withdraw_award": _("Withdrew an award"),
}

# A plain edit, past the domain's functions: by what was done to the record.
ACTIONS = (_("Created"), _("Changed"), _("Deleted"), _("Looked at"))


def event_label(event: str, action: int) -> str:
    """Return what happened in the reader's language."""
    return str(EVENTS.get(event, event) or ACTIONS[action])
