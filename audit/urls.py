from django.urls import path

from audit import views

urlpatterns = [
    path("", views.audit, name="audit"),
    path("<int:pk>/", views.audit_row, name="audit_row"),
]
