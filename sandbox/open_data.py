"""How patient the sandbox's open data sources are: with whom, how often, and who is banned in the end."""

import math
from collections import deque

BAN_SECONDS = 86_400.0
IGNORED_TO_BAN = 5
_DEFAULT_AGENTS = ("python-requests", "Python-urllib", "python-httpx", "python-urllib3", "curl", "Java/")


class Allowance:
    """So much in any so many seconds; a refused call does not count."""

    def __init__(self, most: float, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._spent: deque[tuple[float, float]] = deque()

    def wait(self, cost: float, *, now: float) -> int:
        """0 where the call may pass (it is counted), else after how many whole seconds it may."""
        while self._spent and now - self._spent[0][0] >= self.seconds:
            self._spent.popleft()
        over = sum(cost for _, cost in self._spent) + cost - self.most
        if over <= 0 or not self._spent:
            self._spent.append((now, cost))
            return 0
        return max(1, math.ceil(self._spent[0][0] + self.seconds - now))


class Manners:
    """The limits of the three sources as genres.md has them, and Wikidata's memory of who ignored it."""

    def __init__(self) -> None:
        self.musicbrainz = Allowance(1, 1.0)
        self.listenbrainz = Allowance(30, 10.0)
        self.wikidata = Allowance(60.0, 60.0)  # seconds of its own work
        self.quiet_until = 0.0
        self.ignored = 0
        self.banned_until = 0.0

    def ban_or_wait(self, cost: float, *, now: float) -> int:
        """Wikidata's answer to one more query: seconds to wait, 0 for none.

        Who asks on before that time is over is banned for a day (`banned_until`).
        """
        if now < self.quiet_until:
            self.ignored += 1
            if self.ignored >= IGNORED_TO_BAN:
                self.banned_until = now + BAN_SECONDS
            return math.ceil(self.quiet_until - now)
        wait = self.wikidata.wait(cost, now=now)
        self.quiet_until = now + wait
        self.ignored = self.ignored if wait else 0
        return wait


def is_anonymous(agent: str) -> bool:
    """No User-Agent, or a library's own."""
    return not agent.strip() or agent.startswith(_DEFAULT_AGENTS)


def has_contact(agent: str) -> bool:
    """Whether the User-Agent says how to reach somebody."""
    return "@" in agent or "://" in agent
