"""Sign-in, password and the audit trail."""

from django.urls import path

from accounts.views import account, audit, password, reminder, session

app_name = "accounts"
urlpatterns = [
    path("sign-in/", session.sign_in, name="sign_in"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("password/", password.password_change, name="password_change"),
    path("me/", account.account, name="account"),
    path("reminders/", reminder.reminder_list, name="reminder_list"),
    path("reminders/seen/", reminder.reminder_see_all, name="reminder_see_all"),
    path("reminders/<int:pk>/", reminder.reminder_open, name="reminder_open"),
    path("reminders/<int:pk>/seen/", reminder.reminder_see, name="reminder_see"),
    path("audit/", audit.audit_list, name="audit_list"),
]
