"""All settings, from the environment. README.md has the table of variables."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from opsportal import embedded, environment
from opsportal.dev import outside
from opsportal.environment import Env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- what runs where
OPS_ENV = environment.one_of("OPS_ENV", Env, Env.DEV)
PRODUCTION = OPS_ENV is Env.PRODUCTION
OPS_VAR = environment.folder("OPS_VAR", BASE_DIR / "var")
OPS_PRODUCT_NAME = environment.text("OPS_PRODUCT_NAME") or "SmartBuy"
OPS_BASE_URL = environment.text("OPS_BASE_URL") or f"http://127.0.0.1:{environment.integer('PORT', 8000, least=1, most=65535)}"
OPS_INSTANCE = environment.host_name()
BETA_SIGNUPS_PAUSED = environment.boolean("BETA_SIGNUPS_PAUSED")
# Whoever has one of them may start jobs over HTTP; two, so that one can be exchanged without a missed call.
CRON_SECRET = environment.text("CRON_SECRET")
CRON_SECRET_PREVIOUS = environment.text("CRON_SECRET_PREVIOUS")
# Browsers of these origins may read switches, with a key that then is no secret. None by default.
OPS_FLAG_ORIGINS = environment.words("OPS_FLAG_ORIGINS")
DEBUG = environment.boolean("OPS_DEBUG")
DEFAULT_SECRET_KEY = "development-only-secret-key-never-for-production"
SECRET_KEY = environment.text("OPS_SECRET_KEY") or DEFAULT_SECRET_KEY
SECRET_KEY_FALLBACKS = environment.words("OPS_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = environment.words("OPS_ALLOWED_HOSTS") or ([] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = [OPS_BASE_URL]
# How many proxies of ours stand in front and append to X-Forwarded-For.
OPS_PROXIES = environment.integer("OPS_PROXIES", 0, least=0, most=9)
# Where the heads of the audit log's seals are appended, a JSON object a line.
OPS_SEAL_FILE = Path(environment.text("OPS_SEAL_FILE") or OPS_VAR / "audit-seals.log").expanduser().absolute()
# Whether webhooks and other calls may go to private, loopback and link-local addresses.
OPS_ALLOW_PRIVATE_ADDRESSES = environment.boolean("OPS_ALLOW_PRIVATE_ADDRESSES", not PRODUCTION)
# An address or a page where stores reach whoever runs the price tracker; it is told to them with every visit.
OPS_TRACKER_CONTACT = environment.text("OPS_TRACKER_CONTACT")
if not (OPS_TRACKER_CONTACT.isascii() and OPS_TRACKER_CONTACT.isprintable()):
    environment.refuse("OPS_TRACKER_CONTACT", "it stands in the header of every visit: plain ASCII only.")

# --- databases: PostgreSQL is the truth, Redis only carries Celery's messages
_postgres, _valkey = embedded.servers(OPS_VAR)
DATABASES = {"default": environment.database("DATABASE_URL", _postgres.url())}
DATABASES["default"] |= {
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),  # type: ignore[dict-item]
        "connect_timeout": 2,
        "application_name": "opsportal",
        "options": "-c statement_timeout=15s -c idle_in_transaction_session_timeout=60s",
    },
}
# Only the web server has a pool (gunicorn.conf.py says so): a pool must not cross a fork, and commands need one connection.
OPS_DB_POOL = environment.integer("OPS_DB_POOL", 0, least=0, most=200)
if OPS_DB_POOL:
    DATABASES["default"]["OPTIONS"] |= {"pool": {"min_size": 1, "max_size": OPS_DB_POOL, "timeout": 1.5, "max_idle": 120}}  # type: ignore[operator]
    DATABASES["default"]["OPTIONS"]["options"] += " -c lock_timeout=1500ms"  # type: ignore[index]
    DATABASES["default"]["ENGINE"] = "opsportal.postgres"
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
REDIS_URL = environment.broker("REDIS_URL", _valkey.url())
# Holds the rate limits. Django's default of 300 entries would let whoever tries 300 addresses push the limits of others out.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "ops_cache", "OPTIONS": {"MAX_ENTRIES": 20_000}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Whoever sends has a person waiting. What could not be sent stands in the database, where a sweep finds it.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A queue per kind: a slow job never delays a notification, nor the tick. The Procfile says who consumes which.
CELERY_TASK_ROUTES = {"jobs.tasks.run": {"queue": "jobs"}, "notify.tasks.*": {"queue": "notify"}}
CELERY_TIMEZONE = "UTC"
# Schedules live in the database; a file of beat's own would only be one more thing to break.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
# The tick asks the database what is due. One that is not taken up before the next ones is of no use any more.
OPS_TICK_SECONDS = environment.integer("OPS_TICK_SECONDS", 10, least=1, most=60)
CELERY_BEAT_SCHEDULE = {"tick": {"task": "jobs.tasks.tick", "schedule": OPS_TICK_SECONDS, "options": {"expires": 3 * OPS_TICK_SECONDS}}}

# A price that moved by more than so many per cent between two looks waits for a person.
OPS_SUSPICIOUS_PERCENT = environment.integer("OPS_SUSPICIOUS_PERCENT", 60, least=5, most=10_000)

# --- at the prompt beside a bin/dev: the same stand-ins as its own processes know
if OPS_ENV is Env.DEV:
    environment.default(outside.running(OPS_VAR))

# --- reviews: the hour of each in the team's zone, and the hour by which it is done; later it is escalated.
OPS_MORNING_REVIEW_AT = environment.hour("OPS_MORNING_REVIEW_AT", "09:00")
OPS_MORNING_REVIEW_BY = environment.hour("OPS_MORNING_REVIEW_BY", "10:00")
OPS_EVENING_REVIEW_AT = environment.hour("OPS_EVENING_REVIEW_AT", "18:00")
OPS_EVENING_REVIEW_BY = environment.hour("OPS_EVENING_REVIEW_BY", "19:00")
for _kind in ("MORNING", "EVENING"):
    if vars()[f"OPS_{_kind}_REVIEW_BY"] <= vars()[f"OPS_{_kind}_REVIEW_AT"]:
        environment.refuse(f"OPS_{_kind}_REVIEW_BY", f"it must be later than OPS_{_kind}_REVIEW_AT.")

# --- billing. Two webhook secrets are live while one is changed at the provider.
STRIPE_SECRET_KEY = environment.text("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = environment.text("STRIPE_WEBHOOK_SECRET")
STRIPE_WEBHOOK_SECRET_PREVIOUS = environment.text("STRIPE_WEBHOOK_SECRET_PREVIOUS")
STRIPE_API_BASE = environment.address("STRIPE_API_BASE", "https://api.stripe.com")
MERCADOPAGO_ACCESS_TOKEN = environment.text("MERCADOPAGO_ACCESS_TOKEN")
MERCADOPAGO_WEBHOOK_SECRET = environment.text("MERCADOPAGO_WEBHOOK_SECRET")
MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS = environment.text("MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS")
MERCADOPAGO_API_BASE = environment.address("MERCADOPAGO_API_BASE", "https://api.mercadopago.com")
# Where the product is told of its customers' plans, and the secret that it knows us by.
PRODUCT_BACKEND_URL = environment.address("PRODUCT_BACKEND_URL", "")
APP_BACKEND_SECRET = environment.text("APP_BACKEND_SECRET")
# Whether the sweep mends the safe kinds of mismatch by itself, and how many in a run at most.
OPS_RECONCILE_AUTOMATICALLY = environment.boolean("OPS_RECONCILE_AUTOMATICALLY")
OPS_RECONCILE_MOST = environment.integer("OPS_RECONCILE_MOST", 25, least=1, most=1000)

# --- the application
INSTALLED_APPS = [
    "opsportal.apps.PortalConfig",
    "audit",
    "accounts",
    "notify",
    "switches",
    "jobs",
    "health",
    "beta",
    "catalog",
    "billing",
    "review",
    "sandbox",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_structlog",
    "ninja",
    "template_partials",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "opsportal.middleware.ShortWay",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.SignInMiddleware",
    "opsportal.middleware.ShortWayEnd",
]
ROOT_URLCONF = "opsportal.urls"
WSGI_APPLICATION = "opsportal.wsgi.application"
_files = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
# In development a changed template shows at once; everywhere else templates are compiled once.
TEMPLATE_LOADERS = _files if OPS_ENV is Env.DEV else [("django.template.loaders.cached.Loader", _files)]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opsportal.frame.context",
            ],
            "loaders": [("template_partials.loader.Loader", TEMPLATE_LOADERS)],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "opsportal.templatetags.ops"],
        },
    }
]
FORM_RENDERER = "opsportal.forms.Renderer"
SILENCED_SYSTEM_CHECKS: list[str] = []

# --- static files
STATIC_URL = "/static/"
STATIC_ROOT = OPS_VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION
if PRODUCTION:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# --- languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("pt-br", _("Portuguese (Brazil)"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["opsportal.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.time_zone("OPS_TIME_ZONE", "America/Sao_Paulo")
LANGUAGE_COOKIE_HTTPONLY = True

# --- signing in
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}
MFA_ADAPTER = "accounts.mfa.MfaAdapter"
MFA_FORMS = {"login_webauthn": "accounts.forms.PasskeySignInForm", "add_webauthn": "accounts.forms.PasskeyForm"}
# By address of the client, and by account where there is one; a passkey can't be guessed and is not held back by the latter.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,10/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "reset_password": "10/m/ip,3/10m/key",
    "reset_password_from_key": "20/m/ip",
}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = f"{OPS_PRODUCT_NAME} operations"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
USERSESSIONS_TRACK_ACTIVITY = False
ALLAUTH_TRUSTED_PROXY_COUNT = OPS_PROXIES
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "ops_session"
SESSION_ENGINE = "accounts.sessions"
CSRF_COOKIE_NAME = "ops_csrf"
CSRF_FAILURE_VIEW = "opsportal.errorpages.csrf_failure"

# --- browsers' protections
SECURE_SSL_REDIRECT = PRODUCTION and environment.boolean("OPS_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^health"]
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if OPS_PROXIES else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = [
    "opsportal.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- mail
vars().update(environment.email("EMAIL_URL", "consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("OPS_MAIL_FROM") or "ops@localhost"

# --- logging: one JSON object a line
from opsportal.logs import LOGGING  # noqa: F401

DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
# opsportal.logs binds the address as seen through our own proxies.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False

if PRODUCTION:
    from opsportal.production import refuse_unsafe

    refuse_unsafe(globals())
