"""How the portal is served, in production and by bin/dev. Threads, because the views are synchronous; see docs/adr/."""

import os

bind = f"{os.environ.get('OPS_BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "16"))
# A database connection for each thread and two for those that need one of their own. Never preload: a pool must not cross a fork.
os.environ.setdefault("OPS_DB_POOL", str(threads + 2))
preload_app = False
keepalive = 5
timeout = 60
graceful_timeout = 20
max_requests = 20000
max_requests_jitter = 2000
limit_request_line = 8190
accesslog = None
wsgi_app = "opsportal.wsgi:application"
