"""How a client, TCP or UDP, finds what it expects in what has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from conformance.verdict.checks import promptly, require
from conformance.verdict.expectations import Expected, matches
from conformance.verdict.symptoms import Moment
from conformance.verdict.violation import Hint, Violation


class HasText(Protocol):
    """A line, or a datagram."""

    @property
    def text(self) -> str: ...


Item = TypeVar("Item", bound=HasText)


class Expecting(Generic[Item]):
    """Reads what has come, one item after another. All times are seconds since the
    conversation began."""

    sent_at: float
    """When the last of what was sent had left us."""
    _scale: float
    """The factor by which a slow machine stretches every wait."""
    _round_trip: Callable[[], float]
    """Seconds that the network between the hosts may add to a question and its answer."""
    _next = 0
    """Index of the item that is read next."""

    def _items(self) -> list[Item]:
        """All that has come, in the list to which more is added."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """What it is called in the transcript."""
        raise NotImplementedError

    def _place(self, item: Item) -> Moment:
        """Where an item stands in the transcript."""
        raise NotImplementedError

    def _last_seen(self) -> list[Moment]:
        """What came last, and that nothing has come since."""
        raise NotImplementedError

    def shows(self, violation: Violation | None, *items: Item) -> Violation | None:
        """The violation, if there is one, which these items prove; with none, what came last, and
        that nothing has come since."""
        proof = [self._place(item) for item in items] or self._last_seen()
        return violation and violation.rests_on(*proof, client=self.label)

    def _arrival_and_error(self, item: Item) -> tuple[float, float]:
        """When an item came, and the seconds by which it may have come earlier."""
        raise NotImplementedError

    async def _until(self, condition: Callable[[], bool], within: float) -> bool:
        """Waits until the condition holds, for `within` seconds at most; returns whether it did."""
        raise NotImplementedError

    async def _read_next(self, patience: float) -> Item | None:
        """The next item; None if none comes for `patience` seconds."""
        items = self._items()
        if not await self._until(lambda: self._next < len(items), patience):
            return None
        self._next += 1
        return items[self._next - 1]

    async def _read_until(self, expected: Expected, patience: float) -> Item | None:
        """The first item that is `expected`; None if none comes for `patience` seconds. Items
        before it count as read."""
        items = self._items()

        def found() -> bool:
            while self._next < len(items):
                self._next += 1
                if matches(expected, items[self._next - 1].text):
                    return True
            return False

        return items[self._next - 1] if await self._until(found, patience) else None

    def _in_time(
        self, item: Item, within: float | None, since: float | None, what: str, hint: Hint
    ) -> Item:
        """The item; Violation if it came more than `within` seconds after `since` (None: after what
        was sent last)."""
        if within is not None:
            came, error = self._arrival_and_error(item)
            slack = self._slack(within) + error
            since = self.sent_at if since is None else since
            late = promptly(since, came, within=within, what=what, hint=hint, slack=slack)
            waited = Moment(since, self.label, silence=max(0.0, came - since))
            require(late and late.rests_on(waited, self._place(item), client=self.label))
        return item

    def _slack(self, within: float) -> float:
        """Extra seconds allowed for a slow machine, and for the network."""
        return within * (self._scale - 1.0) + self._round_trip()

    async def gather(self, lasting: float) -> list[Item]:
        """All unread items, and those that come in the next `lasting` seconds, or until the
        close."""
        await self._until(lambda: False, lasting)
        return self._unread()

    def _unread(self) -> list[Item]:
        """All unread items, which count as read from now on."""
        items = self._items()
        unread = items[self._next :]
        self._next = len(items)
        return unread
