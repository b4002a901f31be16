"""How 3.1 finds the rule by which the server replies, and what is wrong with it. The rule is kept
in `server.dialect`; every other clause is judged by it."""

import statistics
import string
from dataclasses import asdict

from conformance import Fault, Kind, Violation

from .answers import PAYS, form, way
from .dialect import recognise, rule_of
from .echo import in_which_form, usual
from .talk import GREETING, PATIENCE

LETTERS = string.ascii_letters + string.digits + string.punctuation  # of all words together

A_MOMENT = 0.15  # seconds to wait for more lines after each of the first replies
END_OF_LINE = 1.0  # seconds to wait for the end of a line that has begun
AT_THE_END = 3.0  # seconds for a reply after the client's last line, when nothing delays it
MUTE_PATIENCE = 1.5  # seconds for a reply of a server that was silent before
MAX_FORM = 4_000  # characters; a longer line is no reply to a word
MORE = "more than asked for"  # what was seen of a server that says more than its reply
ENOUGH_REPLIES = 3  # replies after which more lines are awaited: if none came by then, none will


EXAMPLES = ("hello", "Hello", "Hello, 1a")  # words of which one shows an odd form


class Learner:
    """Says words and keeps what comes back: on one connection as long as that gives replies, then
    on a new one for each word."""

    def __init__(self, server, client):
        self.server, self.client = server, client
        self.label = client.label  # of the first client, in the transcript
        self.patience = MUTE_PATIENCE if server.dialect.get("mute") else PATIENCE
        self.words = []  # those that were answered
        self.unanswered = self.missed = None  # what came for the word that was not
        self.greeting = []  # the lines that came before the first word
        self.groups = []  # for each of these words, the lines that came for it
        self.took = []  # seconds that each reply took
        self.connections = 1
        self.bare = self.at_end = self.pieces = False
        self.no_second = None  # what came instead of a second reply on one connection
        self.ended = ""  # how the server ended the connection before it had answered anything
        self.left_over = ""  # what came last, without an end of line and unlike any reply

    async def says(self, words):
        await self.client.gather(GREETING)
        self.greeting = [line.text for line in self.client.lines]
        for word in words:
            group = await self.say(word)
            if group is not None:
                self.words.append(word)
                self.groups.append(group)
            elif not self.groups or self.missed is not None:
                break
            else:  # the others show how it replies
                self.missed = self.unanswered or self.no_reply(word, closed=False)
        await self.client.watch(lambda: False, A_MOMENT)
        if self.groups:
            self.groups[-1] += [line.text for line in self.client.gather_now()]
        self.left_over = self.client.unfinished
        await self.try_pieces()
        await self.client.leave()

    async def say(self, word):
        """The lines that come for the word, in whichever way it is answered; None if in none."""
        if not self.at_end and (group := await self.in_dialogue(word)):
            return group
        if self.groups:
            if not self.at_end:
                closed = self.client.ending is not None
                self.no_second = Kind.CLOSED if closed else Kind.SILENCE
                self.unanswered = self.client.shows(self.no_reply(word, closed))
            if PAYS["one_line"] in self.server.void:
                return None
            await self.client.leave()
            self.client = await self.server.open_client()
            self.connections += 1
            if not self.at_end and (group := await self.in_dialogue(word)):
                return group
            if self.at_end:
                await self.client.send_line(word)
        elif self.client.ending is not None:  # nothing can come when the client ends its side
            self.ended = "the server closed the connection"
            if self.client.ending.how == "RST":
                self.ended = "the server reset the connection"
            return None
        if PAYS["at_end"] in self.server.void:
            return None
        self.at_end = True
        self.server.recorder.give_up()
        if not self.groups:
            await self.server.look_inside()
        await self.client.half_close()
        group = await self.lines_for(word, min(self.patience, AT_THE_END), known=0)
        group = self.behind_the_greeting(word, group) if group else None
        self.at_end = bool(group)  # else it does not answer this word in any way
        return group or None

    def no_reply(self, word, closed):
        """What is wrong where other words are answered, and this one is not."""
        wanted, fault = usual(self.server.parameters).reply(word), Fault.ABSENT
        told, seen = f"nothing within {self.patience:g} s", "nothing came"
        if closed:
            told, seen, fault = "the server closed the connection", "closed too early", Fault.WRONG
        return Violation(wanted, told, fault=fault, kind=Kind.FORM, symptom=seen)

    async def try_pieces(self):
        """Finds out whether a part of a line is answered before its end has come."""
        if len(self.groups) < ENOUGH_REPLIES or self.connections > 1 or self.at_end:
            return
        client, word = self.client, self.server.draw.word()
        known = len(client.lines), client.pending

        def more():
            return (len(client.lines), client.pending) != known

        await client.send(word[:5])
        await self.server.until_read(client)
        self.pieces = await client.watch(more, A_MOMENT)
        await client.send(f"{word[5:]}\n")

    async def in_dialogue(self, word):
        known = len(self.client.lines)
        await self.client.send_line(word)
        sent = self.client.sent_at
        group = await self.lines_for(word, self.patience, known)
        if group:
            last = self.client.arrival(self.client.lines[-1])
            self.took.append(max(0.0, last - sent))
        first = self.groups and not known
        return (self.behind_the_greeting(word, group) if group and first else group) or None

    def behind_the_greeting(self, word, group):
        """The lines from the reply on; a new connection may have a greeting before it."""
        like = some_form_of(self.server, word)
        while len(group) > 1 and not like(group[0]):
            group = group[1:]
        return [] if group[0] in self.greeting and not like(group[0]) else group

    async def lines_for(self, word, within, known):
        """The lines after the first `known`, once the reply is among them; None if it does not
        come."""
        client, like = self.client, some_form_of(self.server, word)

        def came():
            return [line.text for line in client.lines[known:]]

        def answered():
            return any(map(like, came()))

        def begun():
            return answered() or (client.pending <= MAX_FORM and like(client.unfinished))

        await client.watch(lambda: came() or begun(), within)
        if came() and not begun():  # unlike a reply, or a greeting: the reply may still come
            await client.watch(begun, END_OF_LINE if self.groups else within)
        if begun() and not answered():
            await client.watch(answered, 0.0 if self.bare else END_OF_LINE)
            if not answered():
                self.bare = True
                client.take_unended()
        if len(self.groups) < ENOUGH_REPLIES or len(self.groups[-1]) > 1:
            await client.watch(lambda: False, A_MOMENT)
        client.gather_now()
        return came() if answered() or (came() and (known or self.groups)) else None


async def learn_how_it_replies(server, words):
    """Says the words, and learns how they are answered. Returns what was heard, and each reply."""
    heard = Learner(server, await server.open_client())
    await heard.says(words)
    replies = without_prompt(server, words[0], learn(server, heard))
    server.dialect["words"] = in_words(server)
    return heard, replies


def some_form_of(server, word):
    """A test of whether a line answers the word in any dialect."""
    return lambda line: bool(recognise(word, line, usual=usual(server.parameters)))


def learn(server, heard):
    """Finds and keeps the rule by which the server answers; the first line may begin with a
    greeting, or a prompt. Returns the line of each reply."""
    server.dialect.clear()  # an earlier attempt may have seen less
    groups, wanted = heard.groups, usual(server.parameters)
    if not groups:
        server.dialect["mute"] = True
        return []
    server.dialect.update(ways(heard))
    for name in ("at_end", "one_line"):
        way(server, name)  # the replies themselves came so
    first, words, later = (heard.words[0], groups[0]), heard.words[1:], groups[1:]
    if not heard.bare and any("\0" in line for group in later for line in group):
        later = [[line.strip("\0") for line in group] for group in later]
        server.dialect["nuls"] = True
    short = all(len(line) <= MAX_FORM for group in groups for line in group)
    rule = rule_of(words, later, wanted, first=first) if short else None
    if rule is None:
        server.dialect["unknown"] = True
        server.dialect.pop("nuls", None)  # there is more
        return [group[-1] for group in groups]
    replies = [group[max(-len(group), -1 - rule.after)] for group in groups]
    around = {"before": rule.before, "after": rule.after}
    server.dialect.update({name: lines for name, lines in around.items() if lines})
    if rule.form != wanted:
        server.dialect["form"] = asdict(rule.form)
    return replies


def ways(heard):
    """The odd ways that a learner has found, besides the form of a reply."""
    one_line = len(heard.groups) == heard.connections > 1 and not heard.at_end
    found = {
        "at_end": heard.at_end,
        "bare": heard.bare,
        "pieces": heard.pieces,
        "one_line": heard.no_second.value if one_line else None,
        "pace": statistics.median(heard.took) if heard.took else None,
    }
    return {name: value for name, value in found.items() if value}


def in_words(server):
    """What was learnt, for the report; empty if all is as it should be."""
    known, told = server.dialect, []
    if known.get("form"):
        odd, right = form(server).reply, usual(server.parameters).reply
        word = next((word for word in EXAMPLES if odd(word) != right(word)), EXAMPLES[0])
        told.append(f"answers `{word}` with `{odd(word)}`")
    if around := known.get("before", 0) + known.get("after", 0):
        told.append(f"says {around} more line{'s' * (around > 1)} with each reply")
    if known.get("bare"):
        told.append("ends no reply with a newline")
    if known.get("nuls"):
        told.append("sends NUL bytes around its replies")
    costs = [f"{' and '.join(told)}: that costs clause 3.1"] if told else []
    if known.get("at_end"):
        costs.append("answers only when the client has said its last: that costs clause 3.2")
    if known.get("one_line"):
        costs.append("answers one line of each connection: that costs clause 3.3")
    if not costs:
        return ""
    return f"The server {'; it '.join(costs)}. Every other clause is judged through it."


def silence(wanted, heard):
    """Whether no reply came at all, to any word."""
    if heard.groups:
        return None
    told = "no reply within 5 s, nor when the client had closed its sending side"
    if heard.left_over:
        told = f"{heard.left_over}, without an end of line, and no reply"
    elif heard.ended:
        return Violation(wanted, heard.ended, kind=Kind.CLOSED, client=heard.label)
    return Violation(wanted, told, fault=Fault.ABSENT, client=heard.label)


def unended(wanted, heard, replies):
    """Whether the replies end with an end of line."""
    if not heard.bare:
        return None
    came, cr = replies[0].rstrip("\r"), replies[0].endswith("\r")
    told = f"{came}, ended with CR alone" if cr else f"{came}, without an end of line"
    wanted = f"{wanted}, and the end of the line"
    return Violation(wanted, told, fault=Fault.ABSENT, kind=Kind.FORM)


def with_nothing_else(server, heard):
    """Whether each line was answered with one line, and with nothing else."""
    right = usual(server.parameters)
    for word, group in zip(heard.words[1:], heard.groups[1:], strict=True):
        if len(group) > 1:
            lines = " and ".join(f"`{line}`" for line in group[:3])
            hint = "A line is answered with one line: what else there is goes to your own console."
            wanted = f"one line: `{right.reply(word)}`"
            told = f"{len(group)} lines: {lines}"
            return Violation(wanted, told, hint=hint, symptom=MORE)
    rest = heard.left_over
    if rest and rest not in (right.prefix, server.dialect.get("prompt")):
        told = f"behind the last one: {rest}, without an end of line"
        return Violation(
            "the replies, and nothing else", told, hint=in_which_form(server), symptom=MORE
        )
    return None


def without_prompt(server, word, replies):
    """The replies, the first without the prompt before it, which is learnt."""
    if not replies or server.dialect.get("unknown"):
        return replies
    before = replies[0].removesuffix(form(server).reply(word))
    if before in ("", replies[0]):
        return replies
    server.dialect["prompt"] = before
    return [replies[0].removeprefix(before), *replies[1:]]
