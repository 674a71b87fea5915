from catalog.actions.held import accept_held_price, dismiss_held_price
from catalog.actions.override import expire_overrides, override_offer, revert_override

__all__ = [
    "accept_held_price",
    "dismiss_held_price",
    "expire_overrides",
    "override_offer",
    "revert_override",
]
