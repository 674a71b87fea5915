"""/ops/feed/: the feed, price alerts, purchases."""

from django.urls import path

from catalog.views import alert, feed, purchase

urlpatterns = [
    path("", feed.overview, name="feed"),
    path("alerts/", alert.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/", alert.alert, name="alert"),
    path("alerts/<uuid:alert_id>/pause/", alert.pause, name="alert_pause"),
    path("alerts/<uuid:alert_id>/resume/", alert.resume, name="alert_resume"),
    path("alerts/<uuid:alert_id>/end/", alert.end, name="alert_end"),
    path("purchases/", purchase.purchases, name="purchases"),
    path("<uuid:household_id>/", feed.household, name="feed_household"),
    path("<uuid:household_id>/wishes/", feed.wishes, name="feed_wishes"),
]
