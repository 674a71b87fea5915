"""/ops/reviews/: the morning and the evening review of each day."""

from django.urls import path

from review.views import history, review

urlpatterns = [
    path("", history.calendar, name="reviews"),
    path("lines/<str:key>/", history.trend, name="review_trend"),
    path("<str:kind>/<str:day>/", review.page, name="review"),
]
