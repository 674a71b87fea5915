"""The portal's own settings, and beside its routes the peers of the benchmark: on the same server, behind the same middleware."""

from opsportal.settings import *  # noqa: F403
from opsportal.settings import CACHES, INSTALLED_APPS

ROOT_URLCONF = "bench.switches.peers"
INSTALLED_APPS = [*INSTALLED_APPS, "waffle"]
# The fastest cache that Django has. The portal's own default is a table, which would cost waffle a query each time.
CACHES = {**CACHES, "waffle": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "waffle"}}
WAFFLE_CACHE_NAME = "waffle"
