"""What production refuses to start with."""

from collections.abc import Mapping
from typing import Any

from opsportal import cron_secrets
from opsportal.environment import refuse, text


def refuse_unsafe(settings: Mapping[str, Any]) -> None:
    """End the process with one line that names the first unsafe variable."""
    if settings["DEBUG"]:
        refuse("OPS_DEBUG", "must be off in production.")
    key = settings["SECRET_KEY"]
    if key == settings["DEFAULT_SECRET_KEY"]:
        refuse("OPS_SECRET_KEY", "production needs a secret of its own, 50 characters or more.")
    if len(key) < 50 or len(set(key)) < 10:
        refuse("OPS_SECRET_KEY", "too weak; production needs 50 random characters or more.")
    for name in ("DATABASE_URL", "REDIS_URL"):
        if not text(name):
            refuse(name, "production does not run on the embedded servers; give it a server's URL.")
    if not settings["ALLOWED_HOSTS"] or "*" in settings["ALLOWED_HOSTS"]:
        refuse("OPS_ALLOWED_HOSTS", "production needs the portal's host names, separated by commas.")
    if not settings["OPS_BASE_URL"].startswith("https://"):
        refuse("OPS_BASE_URL", "production needs the portal's address, beginning with https://; cookies are sent over HTTPS only.")
    if settings["PRODUCT_BACKEND_URL"] and not cron_secrets.is_usable(settings["APP_BACKEND_SECRET"]):
        refuse("APP_BACKEND_SECRET", f"the product knows us by it: {cron_secrets.SHORTEST} printable ASCII characters or more.")
    for name in ("STRIPE_API_BASE", "MERCADOPAGO_API_BASE"):
        if not settings[name].startswith("https://"):
            refuse(name, "production asks payment providers over https:// only.")
    for name, why in cron_secrets.faults(settings["CRON_SECRET"], settings["CRON_SECRET_PREVIOUS"]):
        refuse(name, why)
