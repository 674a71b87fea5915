from catalog.actions.alert import change_alert, create_alert, end_alert, pause_alert, resume_alert
from catalog.actions.alert_firing import fire_alerts
from catalog.actions.held import accept_held_price, dismiss_held_price
from catalog.actions.offer import archive_offer, change_offer, create_offer, restore_offer
from catalog.actions.override import expire_overrides, override_offer, revert_override
from catalog.actions.product import archive_product, change_product, create_product, restore_product
from catalog.actions.profile import change_wishes
from catalog.actions.purchase import Bought, record_purchase
from catalog.actions.reading import take_reading
from catalog.actions.risk import check_risk
from catalog.actions.store import change_store, create_store
from catalog.actions.transfer import apply_import, discard_import, plan_import_again, undo_import, upload_import

__all__ = [
    "Bought",
    "accept_held_price",
    "apply_import",
    "archive_offer",
    "archive_product",
    "change_alert",
    "change_offer",
    "change_product",
    "change_store",
    "change_wishes",
    "check_risk",
    "create_alert",
    "create_offer",
    "create_product",
    "create_store",
    "discard_import",
    "dismiss_held_price",
    "end_alert",
    "expire_overrides",
    "fire_alerts",
    "override_offer",
    "pause_alert",
    "plan_import_again",
    "record_purchase",
    "restore_offer",
    "restore_product",
    "resume_alert",
    "revert_override",
    "take_reading",
    "undo_import",
    "upload_import",
]
