"""Training: courses, invitations, attendance, figures, and the page on which people sign in."""

from django.urls import path

from volunteers.views import attendance, course, invitation, training, training_sign_in

app_name = "training"
urlpatterns = [
    path("", course.course_list, name="course_list"),
    path("new/", course.course_create, name="course_create"),
    path("<int:pk>/", course.course_detail, name="course_detail"),
    path("<int:pk>/edit/", course.course_edit, name="course_edit"),
    path("<int:pk>/held/", course.course_hold, name="course_hold"),
    path("<int:pk>/cancel/", course.course_cancel, name="course_cancel"),
    path("<int:pk>/invited/", course.course_invited, name="course_invited"),
    path("<int:pk>/invited/take-back/", invitation.invitation_take_back, name="invitation_take_back"),
    path("<int:pk>/invite/", invitation.invite_list, name="invite_list"),
    path("<int:pk>/invite/add/", invitation.invite_add, name="invite_add"),
    path("<int:pk>/roll/", attendance.roll, name="roll"),
    path("<int:pk>/sheet/", training.sheet, name="sheet"),
    path("<int:pk>/poster/", training.poster, name="poster"),
    path("attendance/", attendance.attendance_list, name="attendance_list"),
    path("attendance/<int:pk>/", attendance.attendance_edit, name="attendance_edit"),
    path("attendance/<int:pk>/remove/", attendance.attendance_remove, name="attendance_remove"),
    path("open-names/<int:pk>/leave-out/", attendance.open_name_dismiss, name="open_name_dismiss"),
    path("needs/", invitation.need_list, name="need_list"),
    path("needs/invite/", invitation.invite_chosen, name="invite_chosen"),
    path("figures/", training.figures, name="figures"),
    path("sign-in/<slug:code>/", training_sign_in.sign_in, name="sign_in"),
]
