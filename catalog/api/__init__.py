"""The catalog for the product, over HTTP: offers, feeds, profiles, price alerts, purchases. Shapes and refusals: docs/api.md."""

from ninja import Router

from catalog.api.alert import router as alerts
from catalog.api.feed import router as feeds
from catalog.api.offer import router as offers
from catalog.api.purchase import router as purchases

router = Router(tags=["catalog"])
for part in (offers, feeds, alerts, purchases):
    router.add_router("", part)
