from django.urls import path

from switches import views

urlpatterns = [
    path("", views.switches, name="switches"),
    path("add/", views.add, name="switch_add"),
    path("<str:name>/", views.switch, name="switch"),
    path("<str:name>/off/", views.turn_off, name="switch_off"),
    path("<str:name>/on/", views.turn_on, name="switch_on"),
    path("<str:name>/words/", views.describe, name="switch_describe"),
    path("<str:name>/remove/", views.remove, name="switch_remove"),
]
