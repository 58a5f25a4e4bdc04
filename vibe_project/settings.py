"""Settings, all from the environment (or .env; the environment wins). .env.example explains each variable."""

import datetime as dt
from pathlib import Path

import environ
from csp.constants import NONE, SELF

from vibe_project.postgresql import options

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(env.str("VIBE_ENV_FILE", default=str(BASE_DIR / ".env")), overwrite=False)

# --- the site
SECRET_KEY = env.str("SECRET_KEY", default="")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
PORT = env.int("PORT", default=8000)
FLOWER_PORT = env.int("FLOWER_PORT", default=5555)
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ADMIN_API_KEY = env.str("ADMIN_API_KEY", default="")
ALLOWED_ORIGINS = env.list("ALLOWED_ORIGINS", default=[])
# How many proxies in front of us may be believed about X-Forwarded-For; none unless configured.
NUM_PROXIES = env.int("NUM_PROXIES", default=0)

# --- Spotify and the other vendors
SPOTIFY_CLIENT_ID = env.str("SPOTIFY_CLIENT_ID", default="")
SPOTIFY_CLIENT_SECRET = env.str("SPOTIFY_CLIENT_SECRET", default="")
SPOTIFY_TOKEN_KEYS = [key.strip() for key in env.list("SPOTIFY_TOKEN_KEY", default=[]) if key.strip()]
SPOTIFY_API_URL = env.str("SPOTIFY_API_URL", default="https://api.spotify.com/v1").rstrip("/")
SPOTIFY_ACCOUNTS_URL = env.str("SPOTIFY_ACCOUNTS_URL", default="https://accounts.spotify.com").rstrip("/")
SPOTIFY_APP_MODE = env.str("SPOTIFY_APP_MODE", default="extended")
SPOTIFY_MARKET = env.str("SPOTIFY_MARKET", default="US")
# Spotify publishes no numbers; these have not been throttled.
CALLS_PER_30S = 20 if SPOTIFY_APP_MODE == "development" else 60
SPOTIFY_CALLS_PER_30S = env.int("SPOTIFY_CALLS_PER_30S", default=CALLS_PER_30S)
SPOTIFY_ACCOUNT_CALLS_PER_30S = env.int("SPOTIFY_ACCOUNT_CALLS_PER_30S", default=CALLS_PER_30S)
CALLS_ABREAST = 1 if SPOTIFY_APP_MODE == "development" else 4
SPOTIFY_CALLS_ABREAST = env.int("SPOTIFY_CALLS_ABREAST", default=CALLS_ABREAST)
# Calls in any 24 hours by quota bucket; a bucket that is not named has no budget.
DAILY_CALLS = {"catalogue": 400, "playlist_read": 300, "playlist_write": 300}
SPOTIFY_DAILY_CALLS = env.dict(
    "SPOTIFY_DAILY_CALLS",
    cast={"value": int},
    default=DAILY_CALLS if SPOTIFY_APP_MODE == "development" else {},
)
# How much of the catalogue's daily budget may go to albums that strangers handed in.
STRANGERS_SHARE = env.float("STRANGERS_SHARE", default=0.1)
AUDIO_FEATURES_SOURCE = env.str("AUDIO_FEATURES_SOURCE", default="reccobeats")
RECCOBEATS_API_URL = env.str("RECCOBEATS_API_URL", default="https://api.reccobeats.com/v1").rstrip("/")
GENRE_SOURCES = [name.strip() for name in env.list("GENRE_SOURCES", default=["wikidata"]) if name.strip()]
OPERATOR_CONTACT = env.str("OPERATOR_CONTACT", default="").strip()
WIKIDATA_SPARQL_URL = env.str("WIKIDATA_SPARQL_URL", default="https://query.wikidata.org/sparql")
MUSICBRAINZ_API_URL = env.str("MUSICBRAINZ_API_URL", default="https://musicbrainz.org/ws/2").rstrip("/")
LISTENBRAINZ_API_URL = env.str("LISTENBRAINZ_API_URL", default="https://api.listenbrainz.org/1").rstrip("/")
GEMINI_API_KEY = env.str("GEMINI_API_KEY", default="")
GEMINI_MODEL = env.str("GEMINI_MODEL", default="gemini-3.5-flash-lite")
GEMINI_API_URL = env.str("GEMINI_API_URL", default="").rstrip("/")

# --- the network of playlists
TRACKS_PER_PLAYLIST = env.int("TRACKS_PER_PLAYLIST", default=50)
MIN_REPEAT_GAP_DAYS = env.int("MIN_REPEAT_GAP_DAYS", default=10)
MAX_PLAYLISTS_PER_ACCOUNT = env.int("MAX_PLAYLISTS_PER_ACCOUNT", default=50)
FLOOR_TOTAL_PLAYLISTS = env.int("FLOOR_TOTAL_PLAYLISTS", default=40)
REBALANCE_MOVE_LIMIT_PER_ACCOUNT = env.int("REBALANCE_MOVE_LIMIT_PER_ACCOUNT", default=10)
SYNC_CANARY_ABOVE = env.int("SYNC_CANARY_ABOVE", default=100)
SYNC_CANARY_SHARE = env.float("SYNC_CANARY_SHARE", default=0.2)

INSTALLED_APPS = [
    # Basic: the plain "unfold" would put its own site in place of ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "vibe_project.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "django_celery_beat",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "vibe_project.apps.VibeConfig",
    "accounts",
    "catalog",
    "curation",
    "playlists",
]

MIDDLEWARE = [
    "vibe_project.request_ids.give_each_request_an_id",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "vibe_project.request_guard.refuse_unreadable",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "vibe_project.urls"
WSGI_APPLICATION = "vibe_project.wsgi.application"
ASGI_APPLICATION = "vibe_project.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- the database and Redis
# The web process waits less for PostgreSQL than workers and commands; vibe_project.wsgi says that it is one.
DATABASES = {
    "default": options.database(
        env.db_url("DATABASE_URL", default="postgres://vibe@127.0.0.1:5432/vibe"),
        is_web=env.str("VIBE_PROCESS", default="") == "web",
        conn_max_age=env.int("CONN_MAX_AGE", default=60),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "vibe_project.caches.QuickRedisCache",
        "LOCATION": REDIS_URL,
    }
}

# --- the worker plane: rows are the queue and messages only wake workers, so the plain defaults are safe
CELERY_BROKER_URL = REDIS_URL
# One try and short waits: what cannot be enqueued now, the sweep enqueues within a minute.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 1.0,
    "socket_connect_timeout": 1.0,
    "max_retries": 0,
    "interval_start": 0,
}
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_ROUTES = {
    "ingest_albums_from_sources": {"queue": "ingest"},
    "fetch_audio_features": {"queue": "ingest"},
    "fetch_artist_genres": {"queue": "ingest"},
    "sync_playlists_daily": {"queue": "sync"},
    "ensure_playlist_for_account": {"queue": "sync"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SYNC_EVERY = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- time and language
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
FORMAT_MODULE_PATH = "vibe_project.formats"

# --- static files
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / ".vibe" / "static"
WHITENOISE_USE_FINDERS = True

# --- security
SECURE_SITE = PUBLIC_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SITE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
# Without a proxy that is believed every request looks like http, and a redirect to https would never end.
SECURE_SSL_REDIRECT = SECURE_SITE and NUM_PROXIES > 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31536000 if SECURE_SITE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SITE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if NUM_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# The first one hashes; passwords hashed by the second are hashed again at the next login.
PASSWORD_HASHERS = [
    "vibe_project.hashing.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# The brake on logins, counted in the database: it holds whatever Redis does.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_CLIENT_IP_CALLABLE = "vibe_project.brake.client_address"
AXES_LOCKOUT_CALLABLE = "vibe_project.brake.locked"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
CONSOLE_REQUIRE_OTP = env.bool("CONSOLE_REQUIRE_OTP", default=not DEBUG)
OTP_TOTP_ISSUER = "Vibe"
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
# Spotify's own covers come from its image hosts; the sandbox serves made-up ones beside its API.
SANDBOX_COVERS = SPOTIFY_API_URL.removesuffix("v1")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "https://i.scdn.co", "https://*.spotifycdn.com", SANDBOX_COVERS],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF, SPOTIFY_ACCOUNTS_URL],
        "object-src": [NONE],
    }
}
# DRF parses JSON itself; ten thousand links with room to spare, and nothing larger.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024 + 64 * 1024
CORS_ALLOWED_ORIGINS = ALLOWED_ORIGINS
CORS_URLS_REGEX = r"^/api/v1/(public/|playlist/|ingest/albums/submit-one|schema/)"
CORS_ALLOW_CREDENTIALS = False
CORS_EXPOSE_HEADERS = ["ETag", "Link", "Retry-After"]
CORS_ALLOW_HEADERS = ["accept", "content-type", "idempotency-key", "if-none-match"]

# --- the API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["vibe_project.api.AdminKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["vibe_project.api.HasAdminKey"],
    "DEFAULT_PARSER_CLASSES": ["vibe_project.api.GuardedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "vibe_project.paging.IdCursorPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["vibe_project.throttles.OpenThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "submit-one": env.str("THROTTLE_SUBMIT_ONE", default="10/min"),
        "generate": env.str("THROTTLE_GENERATE", default="10/min"),
        "public": env.str("THROTTLE_PUBLIC", default="600/min"),
    },
    "EXCEPTION_HANDLER": "vibe_project.api.problem_handler",
    "NUM_PROXIES": NUM_PROXIES,
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # `?format=` is a parameter like any other: refused where nobody reads it
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Vibe",
    "DESCRIPTION": "Album links in, rotated Spotify playlists out. Not affiliated with Spotify.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# --- the console and the logs
UNFOLD = {
    "SITE_TITLE": "Vibe",
    "SITE_HEADER": "Vibe",
    "SITE_SUBHEADER": "Operator console",
    "SITE_URL": "/",
    "SITE_SYMBOL": "graphic_eq",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "vibe_project.console.favicon"}],
    "SHOW_HISTORY": True,
    "DASHBOARD_CALLBACK": "playlists.console.dashboard.context",
    "ENVIRONMENT": "vibe_project.console.environment_badge",
    "STYLES": ["vibe_project.console.css"],
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "vibe_project.console.navigation",
    },
}
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="text")
LOGGING_CONFIG = "vibe_project.logs.configure"
LOGGING = {"level": LOG_LEVEL, "format": LOG_FORMAT}
