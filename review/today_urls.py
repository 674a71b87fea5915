"""/ops/: Today, and who is on duty."""

from django.urls import path

from review.views import duty, today

urlpatterns = [
    path("", today.today, name="today"),
    path("now", today.now, name="today_now"),
    path("reviews/duty/", duty.duty, name="duty"),
    path("reviews/duty/take/", duty.take, name="duty_take"),
    path("reviews/duty/end/", duty.end, name="duty_end"),
    path("reviews/duty/note/", duty.write, name="duty_note"),
]
