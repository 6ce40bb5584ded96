"""Contact cards: printed, handed out, counted."""

from django.urls import path

from grids.views import card, card_print

urlpatterns = [
    path("cards/", card.card_list, name="card_list"),
    path("cards/figures/", card.card_figures, name="card_figures"),
    path("cards/print/", card_print.card_print, name="card_print"),
    path("cards/prints/<int:pk>/", card_print.card_print_detail, name="card_print_detail"),
    path("cards/files/<int:pk>/", card_print.card_file, name="card_file"),
    path("cards/batches/", card.card_batch_list, name="card_batch_list"),
    path("cards/batches/hand-out/", card.card_hand_out_many, name="card_hand_out_many"),
    path("cards/batches/<int:pk>/", card.card_batch_detail, name="card_batch_detail"),
    path("cards/batches/<int:pk>/hand-out/", card.card_hand_out, name="card_hand_out"),
    path("cards/hand-outs/", card.card_hand_out_list, name="card_hand_out_list"),
    path("cards/hand-outs/<int:pk>/take-back/", card.card_hand_out_take_back, name="card_hand_out_take_back"),
]
