"""/ops/catalog/imports/: files in and out."""

from django.urls import path

from catalog.views import files, imports

urlpatterns = [
    path("", imports.imports, name="catalog_imports"),
    path("new/", imports.upload, name="catalog_import_upload"),
    path("export", files.export, name="catalog_export"),
    path("template", files.template, name="catalog_import_template"),
    path("<int:import_id>/", imports.one, name="catalog_import"),
    path("<int:import_id>/progress/", imports.progress, name="catalog_import_progress"),
    path("<int:import_id>/apply/", imports.apply, name="catalog_import_apply"),
    path("<int:import_id>/again/", imports.again, name="catalog_import_again"),
    path("<int:import_id>/undo/", imports.undo, name="catalog_import_undo"),
    path("<int:import_id>/discard/", imports.discard, name="catalog_import_discard"),
]
