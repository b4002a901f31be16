"""What the contract says of any conversation, for the search for one that breaks it."""

import re
from collections import Counter

from conformance import Act, Promise, StateModel, Wording

from .presence import in_any_case, presence, words_of

ENTRY = " - "  # what stands before each name that WHO lists
LEFT = {Act.LEAVES: "4.3", Act.RESETS: "4.4"}


@presence.model
class AnyRoom(StateModel):
    """Whoever is there hears what happens, and WHO lists who is there, whatever came before."""

    kinds = ("HELLO", "SAY", "WHO", "in another case", "no command")
    farewells = ("BYE",)
    needs = ("1.1", "2.1", "2.2", "3.1")

    def __init__(self, parameters, failed=frozenset(), tag=""):
        super().__init__(parameters, failed, tag)
        self.resets = self.holds("4.4")
        self.survives = "4.1"
        self.names = {}  # of those who are there and have said HELLO
        # Names of those who left when nobody was there to be told.
        self.unheard: Counter[str] = Counter()

    def lines(self, who):
        hello, say, ask, bye, _ = words_of(self.parameters)
        own = self.names.get(who)  # whether the name that somebody has is a new one is left open
        names = [f"{self.tag}{name}" for name in ("Ann", "Anna", "Bob")]
        names = [name for name in names if name != own]
        low_hello, low_say, low_who, low_bye = in_any_case(self.parameters)
        low = [f"{low_hello} {names[0]}", f"{low_say} hi", low_who]
        any_case = self.holds("2.5")  # else who has said `hello` may have a name, or none
        return {
            "HELLO": [f"{hello} {name}" for name in names],
            "SAY": [f"{say} {text}" for text in ("hi", "hi  there, you", f"{bye}", "x" * 300)],
            "WHO": [ask],
            "BYE": [bye, low_bye] if any_case else [bye],
            "in another case": low if any_case else [],
            "no command": ["NOPE", f"{ask}AMI", f"{bye}{bye}"],
        }

    # -- what they do -----------------------------------------------------------------

    def comes(self, who):
        self.names.pop(who, None)
        self.survives = "1.3"
        welcome = Wording("a line that welcomes the newcomer", lambda line: True)
        somebody = Wording("a line that says that someone has come", lambda line: True)
        told = [Promise.told(other, "1.4", somebody) for other in self.others(who)]
        return [Promise.told(who, "1.3", welcome), *told]

    def says(self, who, line):
        word, _, rest = line.partition(" ")
        hello, say, ask, bye, _ = words_of(self.parameters)
        obey = {hello: self.hello, say: self.say, ask: self.who, bye: self.bye}
        if word.upper() not in map(str.upper, obey):
            return self.no_command(who)
        known = next(known for known in obey if known.upper() == word.upper())
        return obey[known](who, rest, "" if word == known else "2.5")

    def hello(self, who, name, clause):
        self.names[who] = name
        self.survives = clause or "2.1"
        return self.everybody_hears(who, self.notice("came", name), self.survives)

    def say(self, who, message, clause):
        named = who in self.names
        plain = "2.3" if "  " in message else "2.2"
        self.survives = clause or (plain if named else "2.4")
        wanted = self.notice("says", self.name(who), message=message)
        return self.everybody_hears(who, wanted, self.survives, once=True)

    def bye(self, who, rest, clause):
        self.survives = clause or "4.1"
        self.hangs_up(who)
        return [Promise.close(who, self.survives), *self.left(who, clause or "4.2")]

    def leaves(self, who, act):
        self.survives = LEFT[act]
        return self.left(who, self.survives)

    def who(self, who, rest, clause):
        self.survives = clause or "3.1"
        names = [self.name(each) for each in self.here]
        wanted = "a heading, then " + " and ".join(f"{ENTRY}{name}" for name in sorted(names))
        entry = Wording("a list of who is there", lambda line: line.startswith(ENTRY))
        others = [Promise.untold(other, self.survives, entry) for other in self.others(who)]
        broken = self.is_no_list_of(Counter(names))
        listed = Promise(who, self.survives, wanted, broken, asked_again=True)
        return [listed, *others]

    def no_command(self, who):
        self.survives = "2.6"
        words = words_of(self.parameters)

        def broken(incoming):
            told = " ".join(incoming.texts).upper()
            return "" if all(word.upper() in told for word in words) else incoming.words

        return [Promise(who, "2.6", f"an answer that names {', '.join(words)}", broken)]

    # -- what is heard of it ----------------------------------------------------------

    def name(self, who):
        return self.names.get(who, self.parameters.anonymous)

    def notice(self, event, name, **parts):
        return Wording.template(self.parameters[event], name=name, **parts)

    def everybody_hears(self, who, notice, clause, *, once=False):
        speaker = self.parameters.speaker
        told = [*self.others(who), *[who] * (speaker == "included")]
        promises = [Promise.told(each, clause, notice, once=once) for each in told]
        left_out = [Promise.untold(who, clause, notice)] if speaker == "left out" else []
        return [*promises, *left_out]

    def left(self, who, clause):
        """The others are told, if the leaver had a name. Where nobody is told, nobody knows when
        the server has noticed it."""
        name = self.names.pop(who, None)
        if name is None:
            return []
        if not self.here or not self.holds(clause) or not self.holds("3.2"):
            self.unheard[name] += 1
        notice = self.notice("left", name)
        return [Promise.told(other, clause, notice) for other in self.here]

    def is_no_list_of(self, there):
        """A test of an answer to WHO: each is listed, and nobody who has left. Names that are none
        of ours, and more people without a name, may be a program's own clients."""
        ours, anonymous = re.compile(rf"{self.tag}(Ann|Anna|Bob)"), self.parameters.anonymous
        may_be_there = there + self.unheard

        def broken(incoming):
            entries = [text for text in incoming.texts if text.startswith(ENTRY)]
            listed = Counter(entry.removeprefix(ENTRY) for entry in entries)
            missing = there - listed
            too_many = listed - may_be_there
            gone = [name for name in too_many if ours.fullmatch(name) and name != anonymous]
            return incoming.words if missing or gone else ""

        return broken
