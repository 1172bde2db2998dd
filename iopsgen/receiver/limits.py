"""How much the receiver takes in: so much from one address, so much from all; of an address only a salted digest is kept, in memory."""

import hashlib
import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW = 600.0  # seconds
EVERYBODY = 300  # comments from all addresses together in that time
_KNOWN = 10_000  # addresses that are remembered


class Limits:
    """Counts what came within the last ten minutes. The digests die with the process: their salt is nowhere else."""

    def __init__(self, each: int, clock: Callable[[], float]) -> None:
        """`each` is how many comments one address may send in ten minutes; `clock` gives seconds."""
        self.each, self._clock = each, clock
        self._salt = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._seen: OrderedDict[bytes, deque[float]] = OrderedDict()
        self._all: deque[float] = deque()

    def wait(self, address: str) -> int:
        """0 if one more from this address is taken now, and it counts; else the seconds until one may be."""
        key = hashlib.blake2b(address.encode("utf-8", "surrogatepass"), key=self._salt, digest_size=16).digest()
        with self._lock:
            now = self._clock()
            mine = self._seen.setdefault(key, deque())
            self._seen.move_to_end(key)
            while len(self._seen) > _KNOWN:
                self._seen.popitem(last=False)
            for moments, limit in ((mine, self.each), (self._all, EVERYBODY)):
                while moments and moments[0] <= now - WINDOW:
                    moments.popleft()
                if len(moments) >= limit:
                    return max(1, int(moments[0] + WINDOW - now) + 1)
            mine.append(now)
            self._all.append(now)
            return 0


class Recent:
    """The latest comments by the digest of their content, so that a form that is sent twice is taken in once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: OrderedDict[str, str] = OrderedDict()

    def find(self, digest: str) -> str:
        """The id under which the same content was taken in, or an empty text."""
        with self._lock:
            return self._ids.get(digest, "")

    def add(self, digest: str, name: str) -> None:
        """Remembers one."""
        with self._lock:
            self._ids[digest] = name
            while len(self._ids) > 1000:
                self._ids.popitem(last=False)
