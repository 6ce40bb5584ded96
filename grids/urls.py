"""Villages, grids, teams and members."""

from django.urls import path

from grids.card_urls import urlpatterns as card_urls
from grids.composition_urls import urlpatterns as composition_urls
from grids.views import (
    board,
    channel,
    division,
    grid,
    grid_import,
    member,
    merging,
    numbering,
    place,
    public,
    team,
    village,
)

app_name = "grids"
urlpatterns = [
    # Printed on cards: it stays as it is, and short.
    path("grid/<str:code>/", public.grid_public, name="grid_public"),
    path("grids/", board.city_board, name="village_list"),
    path("grids/list/", grid.grid_list, name="grid_list"),
    path("grids/townships/<int:pk>/", board.township_board, name="township_detail"),
    path("grids/villages/<int:pk>/", grid.village_detail, name="village_detail"),
    path("grids/townships/<int:pk>/about/", place.township_place, name="township_place"),
    path("grids/townships/<int:pk>/rename/", place.township_rename, name="township_rename"),
    path("grids/townships/<int:pk>/merge/", place.township_merge_page, name="township_merge"),
    path("grids/villages/<int:pk>/rename/", place.village_rename, name="village_rename"),
    path("grids/villages/<int:pk>/merge-into/", place.village_merge_page, name="village_merge"),
    path("grids/villages/<int:pk>/edit/", village.village_edit, name="village_edit"),
    path("grids/villages/<int:pk>/new/", grid.grid_create, name="grid_create"),
    path("grids/villages/<int:pk>/divide/", division.village_divide, name="village_divide"),
    path("grids/villages/<int:pk>/merge/", merging.grids_merge, name="grids_merge"),
    path("grids/villages/<int:pk>/renumber/", numbering.grids_renumber, name="grids_renumber"),
    path("grids/import/", grid_import.grid_import_create, name="grid_import_create"),
    path("grids/import/template/", grid_import.grid_import_template, name="grid_import_template"),
    path("grids/import/<int:pk>/", grid_import.grid_import_detail, name="grid_import_detail"),
    path("grids/import/<int:pk>/start/", grid_import.grid_import_start, name="grid_import_start"),
    path("grids/import/<int:pk>/wrong/", grid_import.grid_import_wrong_rows, name="grid_import_wrong_rows"),
    path("grids/<int:pk>/", grid.grid_detail, name="grid_detail"),
    path("grids/<int:pk>/split/", division.grid_split, name="grid_split"),
    path("grids/<int:pk>/edit/", grid.grid_edit, name="grid_edit"),
    path("grids/<int:pk>/retire/", grid.grid_retire, name="grid_retire"),
    path("grids/<int:pk>/team/", team.team_form, name="team_form"),
    path("channels/", channel.channel_list, name="channel_list"),
    path("channels/new/", channel.channel_create, name="channel_create"),
    path("channels/<int:pk>/", channel.channel_edit, name="channel_edit"),
    path("channels/<int:pk>/move/", channel.channel_move, name="channel_move"),
    path("channels/<int:pk>/retire/", channel.channel_retire, name="channel_retire"),
    path("channels/<int:pk>/activate/", channel.channel_activate, name="channel_activate"),
    *composition_urls,
    path("teams/", team.team_list, name="team_list"),
    path("teams/<int:pk>/", team.team_detail, name="team_detail"),
    path("teams/<int:pk>/rename/", team.team_rename, name="team_rename"),
    path("teams/<int:pk>/activate/", team.team_activate, name="team_activate"),
    path("teams/<int:pk>/dissolve/", team.team_dissolve, name="team_dissolve"),
    path("teams/<int:pk>/add/", member.member_add, name="member_add"),
    path("teams/members/<int:pk>/replace/", member.member_replace, name="member_replace"),
    path("teams/members/<int:pk>/remove/", member.member_remove, name="member_remove"),
    path("teams/members/<int:pk>/lead/", member.leader_choose, name="leader_choose"),
    path("teams/members/<int:pk>/deputy/", member.deputy_choose, name="deputy_choose"),
    path("teams/members/<int:pk>/member/", member.deputy_release, name="deputy_release"),
    *card_urls,
]
