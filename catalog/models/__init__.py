"""Products, the offers of stores, what people and imports say of them, and what households do with them."""

from catalog.models.alert import Alert, AlertEvent
from catalog.models.offer import Availability, Bucket, Offer
from catalog.models.override import Override
from catalog.models.price import Price, PriceSource
from catalog.models.product import Product, Status
from catalog.models.profile import Profile
from catalog.models.purchase import Purchase
from catalog.models.store import Store
from catalog.models.transfer import Import, ImportRow

__all__ = [
    "Alert", "AlertEvent", "Availability", "Bucket", "Import", "ImportRow", "Offer", "Override", "Price", "PriceSource", "Product", "Profile",
    "Purchase", "Status", "Store",
]  # fmt: skip
