"""How the portal is served, in production and by bin/dev. Threads, because the views are synchronous; see docs/adr/."""

import os
from pathlib import Path

from opsportal import environment

bind = f"{environment.text('OPS_BIND') or '127.0.0.1'}:{environment.integer('PORT', 8000, least=1, most=65535)}"
worker_class = "gthread"
workers = environment.integer("WEB_CONCURRENCY", 2, least=1, most=64)
threads = environment.integer("WEB_THREADS", 16, least=1, most=128)
# A database connection for each thread, four for those that read a review's lines (review/reading.py), and two for what needs one of
# its own. Never preload: a pool must not cross a fork.
os.environ.setdefault("OPS_DB_POOL", str(threads + 6))
preload_app = False
keepalive = 5
timeout = 60
graceful_timeout = 20
max_requests = 20000
max_requests_jitter = 2000
limit_request_line = 8190
accesslog = None
# No second way in: it would be a socket in the home folder of whoever starts this.
control_socket_disable = True
wsgi_app = "opsportal.wsgi:application"
if environment.boolean("OPS_RELOAD"):
    # bin/dev: a changed template or catalog counts like changed code, because templates are cached as in production.
    reload = True
    reload_extra_files = [str(path) for folder in ("templates", "locale") for path in Path(folder).rglob("*.*")]
# Its default place is one file per user, so two portals on a machine would take it from each other; nothing here uses it.
control_socket_disable = True
