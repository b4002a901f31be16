"""What the contract says of any conversation, for the search for one that breaks it.

`model` has the right answers; here is what clients may say, and whose students may be in the store.
"""

from collections import Counter

from conformance import Act, Promise, StateModel, Wording

from .model import COMMANDS, END, Store, Tab, value_of
from .roulette import roulette

NAMES = ("ann", "bob lee", "zoé", "LIST", *(f"nobody {letter}" for letter in "abcdefgh"))
LEFT = {Act.LEAVES: "5.1", Act.RESETS: "5.2"}


class UnendedLoad:
    """The names that a client has sent since its LOAD."""

    def __init__(self):
        self.names = []
        self.early = 0  # how many of them came before somebody cleared the store


@roulette.model
class OneStore(StateModel):
    """The store has whom all clients have loaded, whatever came before."""

    clients = 2
    kinds = ("LOAD", "name", "ENDOFDATA", "question", "CLEAR", "odd")
    farewells = ("BYE",)
    needs = ("1.1", "1.2", "2.2", "2.3", "2.4", "4.1", "5.1")  # what all others count by

    def __init__(self, parameters, failed=frozenset(), tag=""):
        super().__init__(parameters, failed, tag)
        if not self.holds("4.2"):
            self.clients = 1
        self.resets = self.holds("5.2")
        self.survives = "1.2"
        self.store = Store(parameters.version)
        self.perhaps: Counter[str] = Counter()  # students who may be in the store, or not
        self.loads = {}  # of the clients in the middle of one
        self.tabs = {}
        self.clause = ""  # of INFO: what has been done to the store last

    def goes_on(self, former):
        self.store = former.store
        self.perhaps = former.perhaps
        self.clause = former.clause
        for load in former.loads.values():
            self.perhaps.update(load.names)

    def lines(self, who):
        if who in self.loads:
            names = [name for name in NAMES if name.isascii() or self.holds("4.5")]
            # Two students of one name may be one.
            there = {*self.store.students, *self.perhaps}
            there.update(name for load in self.loads.values() for name in load.names)
            return {"name": [name for name in names if name not in there], "ENDOFDATA": (END,)}
        known = [
            word
            for word in COMMANDS[self.parameters.version]
            if self.holds({"RANDOM": "2.5", "CLEAR": "3.1"}.get(word, "2.2"))
        ]  # one that has an effect of its own is left alone
        questions = [word for word in ("INFO", "RANDOM", "LIST") if word in known]
        low = [word.lower() for word in known if word != "BYE"] if self.holds("4.3") else []
        return {
            "LOAD": ("LOAD",),
            "question": questions,
            "CLEAR": [word for word in known if word == "CLEAR"],
            "BYE": ("BYE", "bye") if self.holds("4.3") else ("BYE",),
            "odd": ["NOPE", "HELP", *low],
        }

    # -- what they do -----------------------------------------------------------------

    def comes(self, who):
        self.survives = "1.2"
        self.tabs[who] = Tab(self.parameters.version)
        self.loads.pop(who, None)
        return [Promise.answer(who, "1.2", Wording("one line", lambda line: True))]

    def says(self, who, line):
        if who in self.loads:
            return self.data(who, line)
        word, tab = line.upper(), self.tabs[who]
        if word not in COMMANDS[self.parameters.version]:
            tab.unknown += 1
            self.survives = "4.4"
            return [Promise.answer(who, "4.4", self.store.unknown())]
        tab.known += word != "BYE"  # which the tab itself counts
        promises = getattr(self, f"obey_{word.lower()}")(who)
        if line != word:
            self.survives = "4.3"
            promises = [Promise(p.who, "4.3", p.wanted, p.broken, p.hopeless) for p in promises]
        return promises

    def data(self, who, line):
        """A line of a LOAD: nobody hears anything before its end."""
        self.survives = "2.3"
        if line != END:
            self.loads[who].names.append(line)
            return [Promise.answer(who, "2.3")]
        load = self.loads.pop(who)
        answer = self.with_names([]).load(load.names)
        self.store.load(load.names[load.early :])
        self.perhaps.update(load.names[: load.early])
        first = not self.clause
        self.clause = "2.2" if first else "2.4"
        return [Promise.answer(who, "2.3" if first else "2.4", answer)]

    def leaves(self, who, act):
        self.survives = LEFT[act]
        if load := self.loads.pop(who, None):
            self.perhaps.update(load.names)
        return []

    def answer(self, who, clause, wanted):
        self.survives = clause
        return [Promise.answer(who, clause, wanted)]

    def obey_help(self, who):
        return self.answer(who, "2.1", self.store.help())

    def obey_load(self, who):
        self.loads[who] = UnendedLoad()
        return self.answer(who, "2.3", self.store.prompt())

    def obey_info(self, who):
        sure, more = len(self.store.students), self.doubtful().total()
        right = [self.with_students(count).info() for count in range(sure, sure + more + 1)]
        wording = Wording(right[0].words, lambda line: any(one.holds(line) for one in right))
        return self.answer(who, self.clause or "2.2", wording)

    def obey_random(self, who):
        students = [*self.store.students, *self.doubtful()]
        right = [self.with_names(students).random()]
        if not self.store.students:
            right.append(self.with_names([]).random())
        words = self.with_names(self.store.students).random().words
        wording = Wording(words, lambda line: any(one.holds(line) for one in right))
        return self.answer(who, "2.5" if self.store.students else "2.6", wording)

    def obey_list(self, who):
        wanted = self.store.list()
        sure, more = Counter(self.store.students), self.doubtful()

        def holds(line):
            told = names_in(line)
            few = Counter(told or ()) - sure
            return told is not None and not sure - Counter(told) and not few - more

        return self.answer(who, "3.2", Wording(wanted.words, holds) if more else wanted)

    def obey_clear(self, who):
        self.perhaps.clear()
        self.clause = "3.1"
        for load in self.loads.values():
            load.early = len(load.names)
        return self.answer(who, "3.1", self.store.clear())

    def obey_bye(self, who):
        wanted = self.tabs[who].bye()
        self.hangs_up(who)
        self.survives = "3.4"
        close = Promise.close(who, "3.4")
        return [Promise.answer(who, "3.3", wanted), close] if wanted else [close]

    # -- the store --------------------------------------------------------------------

    def doubtful(self):
        """Students who may be in the store: those of a LOAD that has not ended, and of clients
        that left in the middle of one."""
        pending = Counter(name for load in self.loads.values() for name in load.names)
        return self.perhaps + pending

    def with_names(self, names):
        store = Store(self.parameters.version)
        store.students = [*names]
        return store

    def with_students(self, count):
        return self.with_names(["x"] * count)


def names_in(line):
    """The students of an answer to LIST; None where it is none."""
    told = value_of(line)
    students = told.get("students") if isinstance(told, dict) and len(told) == 1 else None
    if not isinstance(students, list):
        return None
    names = [each.get("fullname") for each in students if isinstance(each, dict) and len(each) == 1]
    good = len(names) == len(students) and all(isinstance(name, str) for name in names)
    return names if good else None
