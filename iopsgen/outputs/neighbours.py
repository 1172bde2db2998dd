"""Which posts stand near a post: before and after it, in its series, and related by tags, event, chapter and time."""

from collections.abc import Iterable

from iopsgen.model import Post

_NEAR = 6  # of each tag, how many posts on either side are looked at
_RELATED = 3


class Neighbours:
    """Answers for the posts of one edition; made once, cheap for each post."""

    def __init__(self, posts: tuple[Post, ...]) -> None:
        """`posts` are newest first."""
        self.posts = posts
        self._index = {post.route: n for n, post in enumerate(posts)}
        self._by_group = {post.group: n for n, post in enumerate(posts)}
        self._shelves: dict[tuple[str, str], list[int]] = {}
        self._on_shelf: dict[tuple[str, str, int], int] = {}
        for n, post in enumerate(posts):
            for shelf in self._shelves_of(post):
                row = self._shelves.setdefault(shelf, [])
                self._on_shelf[*shelf, n] = len(row)
                row.append(n)

    @staticmethod
    def _shelves_of(post: Post) -> Iterable[tuple[str, str]]:
        yield from (("tag", tag) for tag in post.tags)
        if post.event:
            yield "event", post.event
        if post.fields.series:
            yield "series", post.fields.series
        if post.chapter:
            yield "chapter", post.chapter

    def _position(self, post: Post) -> int:
        return self._index.get(post.route, self._by_group.get(post.group, 0))

    def beside(self, post: Post) -> tuple[Post | None, Post | None]:
        """The next newer and the next older post."""
        n = self._position(post)
        return (self.posts[n - 1] if n > 0 else None), (self.posts[n + 1] if n + 1 < len(self.posts) else None)

    def series(self, post: Post) -> tuple[Post, ...]:
        """All posts of its series, oldest first; none where it stands alone."""
        if not post.fields.series:
            return ()
        row = self._shelves.get(("series", post.fields.series), [])
        return tuple(self.posts[n] for n in reversed(row)) if len(row) > 1 else ()

    def related(self, post: Post) -> tuple[Post, ...]:
        """Up to three posts: the more tags are shared the better, then the nearer in time."""
        here = self._position(post)
        weights = {"tag": 2, "event": 4, "chapter": 1, "series": 0}
        score: dict[int, int] = {}
        for shelf in self._shelves_of(post):
            at = self._on_shelf.get((*shelf, here))
            if at is None:
                continue
            for n in self._shelves[shelf][max(0, at - _NEAR) : at + _NEAR + 1]:
                if n != here:
                    score[n] = score.get(n, 0) + weights[shelf[0]]
        best = sorted((-points, abs(n - here), n) for n, points in score.items() if points > 1)
        return tuple(self.posts[n] for _, _, n in best[:_RELATED])
