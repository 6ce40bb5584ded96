"""Sign-in, password and the audit trail."""

from django.urls import path

from accounts.views import audit, password, session

app_name = "accounts"
urlpatterns = [
    path("sign-in/", session.sign_in, name="sign_in"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("password/", password.password_change, name="password_change"),
    path("audit/", audit.audit_list, name="audit_list"),
]
