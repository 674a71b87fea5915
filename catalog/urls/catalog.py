"""/ops/catalog/: products and stores."""

from django.urls import path

from catalog.views import product, store

urlpatterns = [
    path("", product.products, name="catalog"),
    path("products/new/", product.create, name="catalog_product_create"),
    path("products/<int:product_id>/", product.product, name="catalog_product"),
    path("products/<int:product_id>/edit/", product.edit, name="catalog_product_edit"),
    path("products/<int:product_id>/archive/", product.archive, name="catalog_product_archive"),
    path("products/<int:product_id>/restore/", product.restore, name="catalog_product_restore"),
    path("stores/", store.stores, name="catalog_stores"),
    path("stores/new/", store.create, name="catalog_store_create"),
    path("stores/<int:store_id>/", store.store, name="catalog_store"),
    path("stores/<int:store_id>/edit/", store.edit, name="catalog_store_edit"),
]
