"""/ops/reviews/: the morning and the evening review of each day."""

from django.urls import path

from review.views import history, line, review

ONE = "<str:kind>/<str:day>/"
LINE = f"{ONE}lines/<str:line_key>/"

urlpatterns = [
    path("", history.calendar, name="reviews"),
    path("lines/<str:line_key>/", history.trend, name="review_trend"),
    path(ONE, review.page, name="review"),
    path(f"{ONE}begin/", review.begin, name="review_begin"),
    path(f"{ONE}read/", review.read, name="review_read"),
    path(f"{ONE}arrivals/", review.arrivals, name="review_arrivals"),
    path(f"{ONE}note/", review.note, name="review_note"),
    path(f"{ONE}sign/", review.sign, name="review_sign"),
    path(LINE, line.line, name="review_line"),
    path(f"{LINE}tick/", line.tick, name="review_line_tick"),
    path(f"{LINE}read/", line.read, name="review_line_read"),
    path(f"{LINE}note/", line.note, name="review_line_note"),
    path(f"{LINE}assign/", line.assign, name="review_line_assign"),
    path(f"{LINE}snooze/", line.snooze, name="review_line_snooze"),
    path(f"{LINE}wake/", line.wake, name="review_line_wake"),
]
