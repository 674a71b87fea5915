"""/ops/offers/: offers, overrides, held prices, risk."""

from django.urls import path

from catalog.views import offer_edit, offer_list, offer_page, override, risk, wrong

urlpatterns = [
    path("", offer_list.offers, name="offers"),
    path("new/", offer_edit.create, name="offer_create"),
    path("new/product/", offer_edit.pick, name="offer_pick"),
    path("<int:offer_id>/edit/", offer_edit.edit, name="offer_edit"),
    path("<int:offer_id>/archive/", offer_edit.archive, name="offer_archive"),
    path("<int:offer_id>/restore/", offer_edit.restore, name="offer_restore"),
    path("overrides/", override.overrides, name="offer_overrides"),
    path("overrides/<int:override_id>/revert/", override.revert, name="offer_revert"),
    path("<int:offer_id>/", offer_page.offer, name="offer"),
    path("<int:offer_id>/override/", override.override, name="offer_override"),
    path("<int:offer_id>/wrong/", wrong.wrong, name="offer_wrong"),
    path("<int:offer_id>/wrong/ask/", wrong.ask, name="offer_ask"),
    path("<int:offer_id>/wrong/take/", wrong.take, name="offer_take"),
    path("<int:offer_id>/held/", offer_page.decide_held, name="offer_held"),
    path("<int:offer_id>/check-risk/", risk.check, name="offer_check_risk"),
]
