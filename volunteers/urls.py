"""Volunteers."""

from django.urls import path

from volunteers.views import acceptance, application, double, portrait, qualification, text
from volunteers.views import volunteer as views
from volunteers.views import volunteer_import as imports

app_name = "volunteers"
urlpatterns = [
    path("", views.volunteer_list, name="list"),
    path("new/", views.volunteer_create, name="create"),
    path("texts/", text.text_list, name="text_list"),
    path("texts/start/", text.text_start, name="text_start"),
    path("texts/accept/", acceptance.text_accept, name="text_accept"),
    path("texts/<int:pk>/edit/", text.text_edit, name="text_edit"),
    path("texts/<int:pk>/publish/", text.text_publish, name="text_publish"),
    path("texts/<int:pk>/discard/", text.text_discard, name="text_discard"),
    path("acceptances/", acceptance.acceptance_list, name="acceptance_list"),
    path("acceptances/enter/", acceptance.acceptance_enter, name="acceptance_enter"),
    path("acceptances/<int:pk>/withdraw/", acceptance.acceptance_withdraw, name="acceptance_withdraw"),
    path("applications/", application.application_list, name="application_list"),
    path("applications/poster/", application.poster, name="poster"),
    path("applications/<int:pk>/", application.application_detail, name="application_detail"),
    path("applications/<int:pk>/endorse/", application.application_endorse, name="application_endorse"),
    path("applications/<int:pk>/reject/", application.application_reject, name="application_reject"),
    path("applications/<int:pk>/phone/", application.application_phone, name="application_phone"),
    path("admit/", application.admit, name="admit"),
    path("doubles/", double.double_list, name="double_list"),
    path("<int:pk>/apart/", double.apart, name="tell_apart"),
    path("<int:pk>/", views.volunteer_detail, name="detail"),
    path("<int:pk>/edit/", views.volunteer_edit, name="edit"),
    path("<int:pk>/phone/", views.show_phone, name="show_phone"),
    path("<int:pk>/id-number/", views.show_id_number, name="show_id_number"),
    path("<int:pk>/photo/", portrait.portrait, name="photo"),
    path("<int:pk>/photo/edit/", portrait.portrait_edit, name="photo_edit"),
    path("<int:pk>/photo/remove/", portrait.portrait_remove, name="photo_remove"),
    path("<int:pk>/qualifications/add/", qualification.qualification_add, name="qualification_add"),
    path("qualifications/", qualification.qualification_list, name="qualification_list"),
    path("qualifications/<int:pk>/renew/", qualification.qualification_renew, name="qualification_renew"),
    path("qualifications/<int:pk>/withdraw/", qualification.qualification_withdraw, name="qualification_withdraw"),
    path("<int:pk>/suspend/", views.suspend, name="suspend"),
    path("<int:pk>/reinstate/", views.reinstate, name="reinstate"),
    path("<int:pk>/leave/", views.leave, name="leave"),
    path("<int:pk>/endorse/", views.endorse, name="endorse"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/reject/", views.reject, name="reject"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", imports.import_create, name="import_create"),
    path("imports/template/", imports.import_template, name="import_template"),
    path("imports/<int:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<int:pk>/map/", imports.import_map, name="import_map"),
    path("imports/<int:pk>/remap/", imports.import_remap, name="import_remap"),
    path("imports/<int:pk>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("imports/<int:pk>/wrong-rows/", imports.import_wrong_rows, name="import_wrong_rows"),
]
