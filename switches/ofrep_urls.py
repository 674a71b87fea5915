"""The paths that OFREP fixes; no slash at their end."""

from django.urls import path

from switches import api

urlpatterns = [
    path("ofrep/v1/evaluate/flags/<str:key>", api.evaluate, name="ofrep_flag"),
    path("ofrep/v1/evaluate/flags", api.evaluate_all, name="ofrep_flags"),
]
