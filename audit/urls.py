from django.urls import path

from audit import views

urlpatterns = [
    path("", views.audit, name="audit"),
    path("<int:pk>/", views.audit_row, name="audit_row"),
    path("seals/", views.seals, name="audit_seals"),
    path("seals/check/", views.check_seals, name="audit_seals_check"),
    path("seals/<int:pk>/", views.seal, name="audit_seal"),
]
