"""What everybody may open without an account: the running notices, one of them, and an objection that somebody made."""

from django.urls import path

from services.views import notice_public

app_name = "notices"
urlpatterns = [
    path("", notice_public.index, name="index"),
    path("objections/<slug:token>/", notice_public.objection, name="objection"),
    path("<slug:code>/", notice_public.notice, name="notice"),
]
