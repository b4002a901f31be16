"""What the contract says of any conversation, for the search for one that breaks it."""

from conformance import Act, Promise, StateModel, Wording

from .echo import at_the_same_time, echo, has_goodbye, in_any_case, lines_like, usual

KINDS = {
    "spaces": "3.9",
    "blank": "3.7",
    "CR LF": "3.6",
    "together": "3.4",
    "like BYE": "4.3",
    "BYE": "4.1",
}  # the clause without which lines of a kind are not said
LEFT = {Act.LEAVES: "6.1", Act.RESETS: "6.2"}  # who leaves without BYE: the clause about it


@echo.model
class EachItsOwn(StateModel):
    """Each client gets its own lines back, whatever it and the others have said before."""

    kinds = ("line", "spaces", "blank", "CR LF", "together", "like BYE")
    farewells = ("BYE",)
    needs = ("1.1", "3.1", "3.2", "3.3")

    def __init__(self, parameters, failed=frozenset(), tag=""):
        super().__init__(parameters, failed, tag)
        several = at_the_same_time(parameters) and self.holds("5.1") and self.holds("5.2")
        pool = parameters.pool if parameters.concurrency == "thread-pool" else 3
        self.clients = min(3, pool) if several else 1
        self.resets, self.halves = self.holds("6.2"), self.holds("3.5")
        self.form = usual(parameters)
        self.spoken = set()  # who has said something
        self.survives = "3.1"
        self.first = "3.3"  # the clause that promises a newcomer its first reply

    def lines(self, who):
        goodbye = self.parameters.goodbye
        known = {
            "line": ("a", "bc def", "x" * 300),
            "spaces": (" a", "b  c", "d\te "),
            "blank": ("",),
            "CR LF": ("f\r",),
            "together": ("g\nh", "i\n\nj"),
        }
        if has_goodbye(self.parameters):
            known["like BYE"] = (*lines_like(goodbye), f"{goodbye} ")
            known["BYE"] = (goodbye, *(in_any_case(goodbye) if self.holds("4.2") else ()))
        return {kind: known[kind] for kind in known if self.holds(KINDS.get(kind, "3.1"))}

    def comes(self, who):
        self.spoken.discard(who)
        greeting = self.parameters.greeting
        lines = [Wording("a line of the greeting", bool)] * (0 if greeting == "any" else greeting)
        promises = [Promise.answer(who, "2.1", *lines)] if greeting != "any" else []
        return [*promises, *self.silence(who)]

    def says(self, who, line):
        first, goodbye = who not in self.spoken, self.parameters.goodbye
        self.spoken.add(who)
        if goodbye and line.upper() == goodbye.upper():
            return self.bye(who, line, first)
        replies = [self.reply(text.removesuffix("\r")) for text in line.split("\n")]
        before = first and self.parameters.greeting == "any"
        clause = self.survives = self.clause(who, line, first)
        return [Promise.answer(who, clause, *replies, before=before), *self.silence(who)]

    def bye(self, who, line, first):
        """The server sends BYE back, where it should, and hangs up."""
        clause = "4.1" if line == self.parameters.goodbye else "4.2"
        self.hangs_up(who)
        self.first = self.survives = "4.4"
        promises = [Promise.close(who, clause)]
        if self.parameters.goodbye_reply == "echoed":
            promises.insert(0, Promise.told(who, clause, self.reply(line)))
        return [*promises, *self.silence(who)]

    def leaves(self, who, act):
        self.first = self.survives = LEFT[act]
        return self.silence(who)

    def silence(self, who):
        """The others hear nothing of it."""
        return [Promise.answer(other, "5.2") for other in self.others(who)]

    def reply(self, text):
        """The reply to a line; to a blank one, the final space of the prefix may be missing."""
        wanted = self.form.reply(text)
        if text:
            return wanted
        return Wording(wanted, lambda line: line.rstrip() == wanted.rstrip())

    def clause(self, who, line, first):
        """The clause that asks for the reply to that line."""
        goodbye = self.parameters.goodbye
        if goodbye and goodbye.upper() in line.upper():
            return "4.3"
        plain = {"": "3.7", "\r": "3.6", "\n": "3.4", " ": "3.9", "\t": "3.9"}
        odd = next((plain[sign] for sign in ("\r", "\n") if sign in line), "")
        spaced = line != line.strip() or "  " in line
        named = odd or ("3.7" if not line else "3.9" if spaced else "")
        return named or (self.first if first else "5.2" if self.others(who) else "3.3")
