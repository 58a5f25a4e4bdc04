"""Users, apps, codes and tokens of the sandbox: who may do what, and until when."""

import secrets
from dataclasses import dataclass, field

from sandbox import ids, names
from sandbox.catalogue import Catalogue

ACCESS_SECONDS = 3600
CODE_SECONDS = 600
CONSENT_SECONDS = 183 * 86400
"""A refresh token dies six months after the user's consent; refreshing does not extend it."""
ALLOW_LIST = 5
_SCOPES = """
    ugc-image-upload user-read-playback-state user-modify-playback-state user-read-currently-playing
    streaming app-remote-control user-read-email user-read-private playlist-read-collaborative
    playlist-modify-public playlist-read-private playlist-modify-private user-library-modify
    user-library-read user-top-read user-read-playback-position user-read-recently-played
    user-follow-read user-follow-modify
"""
SCOPES = frozenset(_SCOPES.split())


@dataclass(slots=True)
class User:
    number: int
    user_id: str
    account_id: str
    display_name: str
    country: str = "US"
    handed_out: bool = False
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: one use, ten minutes, one redirect URI."""

    client_id: str
    user_id: str
    redirect_uri: str
    scope: str
    challenge: str
    made_at: float


@dataclass(frozen=True, slots=True)
class AccessToken:
    """`user_id` None: the app's own token (client credentials)."""

    client_id: str
    user_id: str | None
    scopes: frozenset[str]
    expires_at: float


@dataclass(slots=True)
class RefreshToken:
    client_id: str
    user_id: str
    scope: str
    consented_at: float
    confidential: bool


@dataclass(slots=True)
class Accounts:
    """What the accounts service remembers. Any app is welcome: the first secret it shows is its secret."""

    catalogue: Catalogue
    users: dict[str, User] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, RefreshToken] = field(default_factory=dict)

    def add_user(self) -> User:
        number = len(self.users) + 1
        seed = self.catalogue.seed
        name = names.person(self.catalogue.dice(ids.USER, number))
        user = User(
            number=number,
            user_id=f"sandbox-{number:02}",
            account_id=ids.encode(ids.USER, number, seed=seed),
            display_name=name,
            allowed=number <= ALLOW_LIST,
        )
        self.users[user.user_id] = user
        return user

    def next_user(self) -> User:
        """The next one not handed out yet; there is always another person with a Spotify account."""
        user = next((user for user in self.users.values() if not user.handed_out), None) or self.add_user()
        user.handed_out = True
        return user

    def find_user(self, name: str) -> User | None:
        """By user id, account id or plain number."""
        for user in self.users.values():
            if name in (user.user_id, user.account_id, str(user.number)):
                return user
        return None

    def client_known(self, client_id: str, secret: str) -> bool:
        """Whether this secret belongs to the app; the first one seen does."""
        return bool(client_id and secret) and self.secrets.setdefault(client_id, secret) == secret

    def grant(self, client_id: str, user_id: str | None, scope: str, *, now: float) -> str:
        """A new access token, good for an hour."""
        token = "BQ" + secrets.token_urlsafe(90)
        self.access[token] = AccessToken(client_id, user_id, frozenset(scope.split()), now + ACCESS_SECONDS)
        return token

    def remember(self, token: RefreshToken) -> str:
        value = "AQ" + secrets.token_urlsafe(96)
        self.refresh[value] = token
        return value

    def forget_expired(self, *, now: float) -> None:
        """Keeps the table small over days of refreshing: tokens go an hour after their end."""
        for value in [
            value for value, token in self.access.items() if token.expires_at < now - ACCESS_SECONDS
        ]:
            del self.access[value]

    def revoke(self, user_id: str) -> int:
        """The user removes the app on their account page: their tokens are dead. Returns how many were."""
        dead = [value for value, token in self.refresh.items() if token.user_id == user_id]
        for value in dead:
            del self.refresh[value]
        for value in [value for value, token in self.access.items() if token.user_id == user_id]:
            del self.access[value]
        return len(dead)
