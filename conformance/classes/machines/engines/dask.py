"""`--on dask:tls://HOST:PORT`: the workers of a Dask scheduler that is there.

Dask carries, and decides nothing: each shard is a task that may run on one worker only, and is
never repeated. Whatever a scheduler is told to run, it has its workers run, so all ends of its
connections must be proven by certificates.

The client lives in an event loop that runs only while `hear` waits: this process stays one thread.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from conformance.classes.machines.engines import dask_worker
from conformance.classes.machines.engines.dask_address import checked_address, in_one_line, why_not
from conformance.classes.machines.engines.dask_worker import AnotherProcess, ToldPiece
from conformance.classes.machines.engines.engine import PresentMachine, ShardNews
from conformance.classes.machines.engines.lines import WholeLines, how_ended
from conformance.classes.machines.shard import Shard
from conformance.sandbox import Tier
from conformance.verdict.model import WrongCall

WITHOUT = (
    "--on dask needs Dask, which is not installed here: pip install 'conformance[dask]', here and "
    "on all machines"
)

CONNECT_SECONDS = 10.0
"""Seconds to reach the scheduler."""

LOOK_SECONDS = 1.0
"""Seconds between two looks at which workers there are."""

ASK_SECONDS = 5.0
"""Seconds that a worker may keep a question for what a shard tells, until there is something."""

ANSWER_SECONDS = 30.0
"""Seconds more after which a worker is taken for gone if it has not answered: a whole piece takes a
while over a slow line."""

CLOSE_SECONDS = 10.0
"""Seconds in which shards are told to end, and the scheduler good-bye."""


@dataclass(eq=False)
class DaskWorker:
    """A worker of the scheduler."""

    name: str
    address: str
    process: str
    """Which of the processes that may have had this address."""
    gone: str = ""
    """Why it is there no more."""
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it has gone: Dask itself tries for half a minute to reach who is not there."""

    def leave(self, why: str) -> None:
        self.gone = self.gone or why
        self.leaving.set()


@dataclass(eq=False)
class DaskShard:
    """A shard on a worker."""

    shard: str
    task: str
    """What the scheduler calls it."""
    worker: DaskWorker
    future: Any
    """Dask's; as good as untyped."""
    lines: WholeLines = field(default_factory=WholeLines)
    followed: asyncio.Task[None] | None = None


class DaskEngine:
    """See `ShardEngine`. The certificates are those of Dask's own configuration."""

    def __init__(self, address: str, tier: Tier) -> None:
        """`tier`: the lowest that submissions are run in. Raises WrongCall; see
        `checked_address`."""
        self._address = checked_address(address, tier)
        self._prefix = uuid.uuid4().hex
        """Of the names of our tasks: others may use the scheduler, too."""
        self._runner = asyncio.Runner()
        self._workers: dict[str, DaskWorker] = {}
        """By name, also those that have gone: no name is given twice."""
        self._shards: dict[str, DaskShard] = {}
        self._news: list[ShardNews] = []
        self._gone = ""
        """Why the scheduler is there no more."""

    # -- coming and going ---------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            import distributed
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] not in ("dask", "distributed"):
                raise
            raise WrongCall(WITHOUT) from None
        # What it would print is told by us, where it matters.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            self._runner.run(self._connect(distributed))
        except BaseException:
            self._runner.close()
            raise
        return self

    async def _connect(self, distributed: Any) -> None:
        import dask

        # Each shard is one large argument, and is meant to be.
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"})
        self._heard = asyncio.Event()
        try:
            self._client: Any = await distributed.Client(
                self._address,
                asynchronous=True,
                set_as_default=False,
                timeout=CONNECT_SECONDS,
                name="conformance",
            )
        except (OSError, TypeError, ValueError, RuntimeError) as error:
            raise WrongCall(f"--on dask:{self._address}: {why_not(error)}") from None
        await self._require_suite()
        await self._look()
        self._looking = asyncio.create_task(self._keep_looking())

    async def _require_suite(self) -> None:
        """Raises WrongCall if the scheduler does not know the suite, for it unpacks its tasks."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._client.run_on_scheduler(dask_worker.which_process)
        except Exception as error:
            await self._client.close(timeout=CLOSE_SECONDS / 2)
            raise WrongCall(
                f"--on dask:{self._address}: the scheduler cannot load conformance, which has to"
                f" be installed there, too ({in_one_line(error)})"
            ) from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._runner.run(self._disconnect())
        finally:
            self._runner.close()

    async def _disconnect(self) -> None:
        self._looking.cancel()
        shards, self._shards = [*self._shards.values()], {}
        await _all(self._end(each) for each in shards)
        await _within(CLOSE_SECONDS, self._client.close(timeout=CLOSE_SECONDS / 2))

    # -- machines -----------------------------------------------------------------------------

    def machines(self) -> Sequence[PresentMachine]:
        return [PresentMachine(worker.name) for worker in self._workers.values() if not worker.gone]

    def coming(self) -> str | None:
        return "" if self._gone else None

    async def _keep_looking(self) -> None:
        while not self._gone:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        """Learns which workers there are."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                told = await self._client.scheduler.identity(n_workers=-1)
        except (OSError, TimeoutError, AttributeError):
            told = None
        # Once the connection was lost the scheduler has forgotten our tasks, also if it is back.
        if told is None or self._client.status != "running":
            self._gone = "the scheduler has gone"
            told = {"workers": {}}
        there = told["workers"]
        for worker in self._workers.values():
            if worker.address not in there:
                worker.leave(self._gone or "the machine has gone")
        known = {worker.address for worker in self._workers.values() if not worker.gone}
        new = [address for address in there if address not in known]
        await _all(self._meet(address, str(there[address]["name"])) for address in new)

    async def _meet(self, address: str, called: str) -> None:
        """Gets to know a new worker. One that cannot be reached is tried again at the next look;
        one that does not know the suite says so when it is given a shard."""
        process = await self._ask(address, dask_worker.which_process)
        if isinstance(process, OSError | TimeoutError):
            return
        name = address.partition("://")[2] if called in ("", address) else called
        if name in self._workers:
            name = f"{name} ({len(self._workers) + 1})"
        self._workers[name] = DaskWorker(name, address, str(process))

    # -- shards -------------------------------------------------------------------------------

    def submit(self, machine: str, shard: Shard) -> None:
        self._runner.run(self._submit(self._workers[machine], shard))

    async def _submit(self, worker: DaskWorker, shard: Shard) -> None:
        if worker.gone:
            self._tell(ShardNews(shard.name, lost=worker.gone))
            return
        task = f"{self._prefix}-{shard.name}"
        future = self._client.submit(
            dask_worker.hold_shard,
            task,
            worker.process,
            shard.archive.read_bytes(),
            key=task,
            workers=[worker.address],
            allow_other_workers=False,
            retries=0,
            pure=False,
        )
        there = self._shards[shard.name] = DaskShard(shard.name, task, worker, future)
        there.followed = asyncio.create_task(self._follow(there))

    async def _follow(self, there: DaskShard) -> None:
        """Hears a shard to its end."""
        heard = 0
        while True:
            told = await self._ask_shard(there, heard)
            if isinstance(told, str):
                news = ShardNews(there.shard, lost=told)
                break
            heard += len(told.data)
            lines = there.lines.of(told.data)
            if told.status is not None:
                lost = how_ended(told.status, told.complaint)
                news = ShardNews(there.shard, lines, ended=not lost, lost=lost)
                break
            if lines:
                self._tell(ShardNews(there.shard, lines))
        del self._shards[there.shard]
        there.future.release()
        self._tell(news)

    async def _ask_shard(self, there: DaskShard, heard: int) -> ToldPiece | str:
        """What a shard tells next, or why it is lost."""
        worker = there.worker
        while True:
            told = await _unless(
                worker.leaving,
                self._ask(
                    worker.address, dask_worker.tell_shard, there.task, worker.process, heard,
                    ASK_SECONDS,
                ),
            )  # fmt: skip
            if isinstance(told, ToldPiece):
                return told
            if isinstance(told, AnotherProcess):
                worker.leave(str(told))
            if worker.gone or self._gone:
                return worker.gone or self._gone
            if there.future.status in ("error", "cancelled", "lost", "finished"):
                return await _why_failed(there.future)
            if isinstance(told, Exception):
                # It may have gone: whether it has, the scheduler tells.
                await asyncio.sleep(LOOK_SECONDS)

    def stop(self, shard: str) -> None:
        if there := self._shards.pop(shard, None):
            self._runner.run(self._end(there))
        self._news = [news for news in self._news if news.shard != shard]

    async def _end(self, there: DaskShard) -> None:
        if there.followed:
            there.followed.cancel()
        if not (there.worker.gone or self._gone):
            await self._ask(there.worker.address, dask_worker.stop_shard, there.task)
        there.future.release()

    # -- what is heard ------------------------------------------------------------------------

    def hear(self, within: float) -> Sequence[ShardNews]:
        self._runner.run(self._wait(within))
        news, self._news = self._news, []
        self._heard.clear()
        return news

    async def _wait(self, within: float) -> None:
        await asyncio.sleep(0)  # whatever has come by now
        if not self._news:
            await _within(within, self._heard.wait())

    def _tell(self, news: ShardNews) -> None:
        self._news.append(news)
        self._heard.set()

    async def _ask(
        self, address: str, function: Callable[..., Coroutine[Any, Any, Any]], *words: object
    ) -> Any:
        """What the function returns in that worker, or the exception with which it did not."""
        try:
            async with asyncio.timeout(ASK_SECONDS + ANSWER_SECONDS):
                answers = await self._client.run(
                    function, *words, workers=[address], on_error="return"
                )
                return answers[address]
        except Exception as error:
            return error


async def _why_failed(future: Any) -> str:
    """Why a task has ended without telling all."""
    if future.status != "error":
        return "the scheduler has dropped it"
    error = await _within(ANSWER_SECONDS, future.exception())
    return f"the worker could not start it: {in_one_line(error)}" if error else "it was dropped"


async def _unless(event: asyncio.Event, wait: Coroutine[Any, Any, Any]) -> Any:
    """What is waited for; None if the event comes first."""
    waiting, coming = asyncio.create_task(wait), asyncio.create_task(event.wait())
    try:
        await asyncio.wait({waiting, coming}, return_when=asyncio.FIRST_COMPLETED)
        return waiting.result() if waiting.done() else None
    finally:
        waiting.cancel()
        coming.cancel()


async def _all(waits: Any) -> None:
    """Waits for all of them."""
    await asyncio.gather(*waits)


async def _within(seconds: float, wait: Coroutine[Any, Any, Any]) -> Any:
    """What is waited for; None if it does not come in time."""
    try:
        return await asyncio.wait_for(wait, seconds)
    except TimeoutError:
        return None
