"""What the survey shows of this server: what is odd about its answers, who pays for that, and what
tells how many students there are. It stands in `server.dialect`:

- `deaf`: no command was answered; the kind of fault
- `greeting`, `prompt`: lines, and what stands behind them without an end of line; `late`: lines
  of it that come with the first answer
- `odd`: oddities of answers, and for each the clause that pays
- `lines`, `objects`: how many lines each command is answered with; which of them with an object
- `ends`: whether all of its answers end with an end of line
- `asks`, `confirms`: whether LOAD asks for the data, and ENDOFDATA is answered
- `pieces`: it takes what one read brings for one line
- `stays`, `mortal`, `counts`: it does not hang up after BYE; BYE ends the program; tells a number
- `info`, `list`, `random`: whether they tell of the students that were loaded
- `capitals`: it keeps names in capitals
- `surplus`: students more than a LOAD was sent, and the clause that pays
- `offset`: what LOAD tells of itself beyond what it was sent
- `total`, `replaces`, `keeps nothing`, `own`, `preloaded`: how it keeps students
- `words`: what reports say of it
"""

import itertools

from .forms import COUNTED, LISTED, LOADED, NAMED, info_form, key
from .model import Store
from .reading import ITS_OWN, Reply, names, number, oddities
from .students import COMMANDS

PAYERS = (
    ("HELP", "2.1"),
    ("INFO", "2.2"),
    ("prompt", "2.3"),
    ("LOAD", "2.3"),
    ("RANDOM", "2.5"),
    ("LIST", "3.2"),
    ("BYE", "3.3"),
)
"""Answers, in the order in which their clauses pay for what several have."""


def learn(server, found):
    """Keeps what the answers show."""
    if not found.replies:
        wrong = next(iter(found.missing.values()), None)
        server.dialect["deaf"] = wrong.kind.value if wrong else ""
        return
    server.dialect["lines"] = {name: len(reply.lines) for name, reply in found.replies.items()}
    server.dialect["objects"] = [name for name, reply in found.replies.items() if reply.has_object]
    server.dialect["odd"], common = odd_forms(server, found)
    told = names(found.replies.get("RANDOM", Reply(())), found.everybody)
    listed = names(found.replies.get("LIST", Reply(())), found.everybody)
    everybody = {*found.everybody}
    if {name.upper() for name in everybody} & {*told, *listed}:
        server.dialect["capitals"] = True
        everybody = {name.upper() for name in everybody}
    server.dialect["random"] = bool(everybody & {*told})
    server.dialect["list"] = bool(listed) and everybody <= {*listed}
    told_at_bye = number(found.replies.get("BYE", Reply(())), COMMANDS)
    server.dialect["counts"] = told_at_bye is not None
    server.dialect.update(keeping(found, told, listed))
    if words := in_words(server, common):
        server.dialect["words"] = words


def odd_forms(server, found):
    """The oddities of its answers, and the clause that pays for each; and the clauses that pay for
    what several answers have."""
    version = server.parameters.version
    wanted = {
        "INFO": info_form(server.parameters),
        "HELP": Store(version).help(),
        "prompt": Store(version).prompt(),
        "LOAD": LOADED if version == 2 else Store(version).load([]),
        "RANDOM": NAMED,
        "LIST": LISTED,
        "BYE": COUNTED,
    }
    odd = {}
    if prompt := server.dialect.get("prompt"):
        odd = {key([where, prompt]): "1.2" for where in ("behind", "before")}
    if (lines := server.dialect.get("greeting", 1)) > 1:
        odd[key(["lines behind", str(lines - 1)])] = "1.2"
    common = set()
    for name, payer in PAYERS:
        if name in found.replies and (name, version) != ("BYE", 1):
            odd_here = oddities(found.replies[name], wanted[name])
            for each in [key(one) for one in odd_here if one[0] not in ITS_OWN]:
                common |= {odd[each]} if each in odd else set()
                odd.setdefault(each, payer)
            for what, *prompt in [one for one in odd_here if one[0] == "behind"]:
                odd.setdefault(key(["before", *prompt]), odd[key([what, *prompt])])
    return odd, common


def keeping(found, told, listed):
    """How the server keeps students, by the numbers that it told."""
    sizes = [len(loaded) for loaded in found.loaded]
    known, numbers, counts = {}, found.numbers, found.counts
    if None in numbers or len(numbers) < 2:
        return {"info": False, **by_names(found, told, listed)}
    grown = [now - before for before, now in itertools.pairwise(numbers)]
    if numbers[0] and not found.server.remote:
        known["preloaded"] = numbers[0]
    if found.other is not None and found.other <= numbers[0] < numbers[-1]:
        known["own"] = True
    if (
        any(grown)
        and counts[1:2] == numbers[2:3] != [sizes[1]]
        and counts[0] in (sizes[0], numbers[1])
    ):
        known["total"] = True
    elif counts[0] is not None and counts[0] != sizes[0]:
        known["offset"] = counts[0] - sizes[0]
    extra = grown[0] - sizes[0]
    if not any(grown) and not any(numbers):
        kept = by_names(found, told, listed)
        return {**known, "info": bool(kept.get("keeps nothing")), **kept}
    if numbers[2:3] == [sizes[1] + extra] and grown[1] != sizes[1] + extra:
        return {**known, "replaces": True, **charged(extra, counts, sizes)}
    if [each - size for each, size in zip(grown, sizes, strict=False)][:2] != [extra] * 2:
        return {**known, "info": False, **by_names(found, told, listed)}
    if extra and len(listed) == sum(sizes):
        return {**known, "info": False}
    return {**known, **charged(extra, counts, sizes)}


def charged(extra, counts, sizes):
    """Students more, or less, than were sent: 2.3 pays where the answer to LOAD says so."""
    if not extra:
        return {}
    return {"surplus": [extra, "2.3" if counts[0] == sizes[0] + extra else "2.4"]}


def by_names(found, told, listed):
    """What the names show where INFO does not tell: whether anybody is kept at all."""
    everybody = {*found.everybody, *(name.upper() for name in found.everybody)}
    if not everybody or everybody & {*told} or everybody & {*listed}:
        return {}
    right = found.counts[:1] == [len(found.loaded[0])] or not found.guest.version_2
    return {"keeps nothing": "2.4" if right else "2.3"}


def in_words(server, common):
    """What reports say of it; "" where all is as it should be."""
    known, told = server.dialect, []
    if common:
        clauses = " and ".join(sorted(common))
        told.append(f"its answers have a form of their own: that costs clause {clauses}")
    if not known.get("info", True):
        told.append("INFO does not tell how many students there are: that costs clause 2.2")
    if extra := known.get("surplus"):
        told.append(
            f"it keeps {'more' if extra[0] > 0 else 'fewer'} students than a LOAD was sent:"
            f" that costs clause {extra[1]}"
        )
    if known.get("own"):
        told.append("each client has students of its own: that costs clause 4.1")
    if known.get("capitals"):
        told.append("it keeps names in capitals: that costs clause 2.5")
    if known.get("pieces"):
        told.append("it takes what one read brings for one line: that costs clause 2.3")
    if not told:
        return ""
    first, *rest = told
    sentence = "; ".join([first[:1].upper() + first[1:], *rest])
    return f"{sentence}. Every other clause is judged through it."
