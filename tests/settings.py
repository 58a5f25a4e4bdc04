"""The settings under test: no .env, no outside variables, a cheap password hasher, no static scan."""

import os

# The suite must mean the same on every machine: only the servers' addresses come from outside.
_OURS = (
    "SPOTIFY_",
    "RECCOBEATS_",
    "WIKIDATA_",
    "MUSICBRAINZ_",
    "LISTENBRAINZ_",
    "GEMINI_",
    "THROTTLE_",
    "REBALANCE_",
    "FLOOR_",
    "MAX_PLAYLISTS_",
)
_ALSO = {
    "DEBUG", "ALLOWED_HOSTS", "PORT", "FLOWER_PORT", "PUBLIC_BASE_URL", "ALLOWED_ORIGINS", "NUM_PROXIES",
    "LOG_LEVEL", "AUDIO_FEATURES_SOURCE", "TRACKS_PER_PLAYLIST", "MIN_REPEAT_GAP_DAYS", "CONN_MAX_AGE",
    "GENRE_SOURCES", "OPERATOR_CONTACT",
    "LOG_FORMAT",
    "CONSOLE_REQUIRE_OTP", "STRANGERS_SHARE",
}  # fmt: skip
for _name in [name for name in os.environ if name.startswith(_OURS) or name in _ALSO]:
    del os.environ[_name]
os.environ |= {
    "VIBE_ENV_FILE": os.devnull,
    "CONSOLE_REQUIRE_OTP": "false",
    "SECRET_KEY": "only-for-tests-" + "0" * 40,
    "ADMIN_API_KEY": "test-admin-key",
    "SPOTIFY_CLIENT_ID": "sandbox-client",
    "SPOTIFY_CLIENT_SECRET": "sandbox-secret",
    "SPOTIFY_TOKEN_KEY": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    # Nobody listens there: a test that forgets the sandbox is refused instead of reaching a vendor.
    "SPOTIFY_API_URL": "http://127.0.0.1:9/v1",
    "SPOTIFY_ACCOUNTS_URL": "http://127.0.0.1:9/accounts",
    "RECCOBEATS_API_URL": "http://127.0.0.1:9/reccobeats/v1",
    "WIKIDATA_SPARQL_URL": "http://127.0.0.1:9/wikidata/sparql",
    "MUSICBRAINZ_API_URL": "http://127.0.0.1:9/musicbrainz/ws/2",
    "LISTENBRAINZ_API_URL": "http://127.0.0.1:9/listenbrainz/1",
}

from vibe_project.settings import *  # noqa: E402, F403
from vibe_project.settings import INSTALLED_APPS, MIDDLEWARE  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# whitenoise scans every static file again for each test client: 25 s against 9 s for a suite.
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]
INSTALLED_APPS = [name for name in INSTALLED_APPS if "whitenoise" not in name]
ALLOWED_HOSTS = ["*"]
CELERY_TASK_STORE_EAGER_RESULT = False
