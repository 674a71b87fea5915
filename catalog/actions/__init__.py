from catalog.actions.held import accept_held_price, dismiss_held_price
from catalog.actions.offer import archive_offer, change_offer, create_offer, restore_offer
from catalog.actions.override import expire_overrides, override_offer, revert_override
from catalog.actions.product import archive_product, change_product, create_product, restore_product
from catalog.actions.reading import take_reading
from catalog.actions.risk import check_risk
from catalog.actions.store import change_store, create_store
from catalog.actions.transfer import apply_import, discard_import, plan_import_again, undo_import, upload_import

__all__ = [
    "accept_held_price",
    "apply_import",
    "archive_offer",
    "archive_product",
    "change_offer",
    "change_product",
    "change_store",
    "check_risk",
    "create_offer",
    "create_product",
    "create_store",
    "discard_import",
    "dismiss_held_price",
    "expire_overrides",
    "override_offer",
    "plan_import_again",
    "restore_offer",
    "restore_product",
    "revert_override",
    "take_reading",
    "undo_import",
    "upload_import",
]
