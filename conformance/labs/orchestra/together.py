"""What the auditor tells of musicians after noise, and of several on one host. Pure."""

from conformance import Fault, Kind, Violation


def labelled(answer, reading):
    """The instruments that are listed."""
    return [reading(entry) for entry in answer.entries or ()]


def listed(before, answer, label, reading):
    """Whether a musician that plays that instrument is listed, and was not before it played."""
    if answer.entries is None:
        return answer.form()
    told, former = labelled(answer, reading), labelled(before, reading)
    known = label if any(told) else ""  # else no entry says which instrument it is
    if told.count(known) > former.count(known):
        return None
    wanted = f"the {label} is listed, which began to play when all this had come"
    hint = "Catch what can go wrong with one datagram, and go on with the next."
    came = f"{len(told)} entries" if told else answer.emptiness
    lost = Violation(wanted, came, hint=hint, fault=Fault.ABSENT, kind=Kind.FORM)
    return lost.seen_at(answer.came)


def apart(answer, labels, musicians, reading):
    """Whether each of several on one host is listed, and none of them has ended."""
    for one in musicians:
        if ended := one.ended():
            wanted = f"{len(musicians)} musicians play on one host"
            hint = "Only the auditor needs the group's port: a musician sends from any."
            told = f"{one.name}: {ended}"
            wrong = Violation(wanted, told, hint={"the program ended": hint}, kind=Kind.ENDED)
            return wrong.rests_on(client=one.name)
    if answer.entries is None:
        return answer.form()
    told = labelled(answer, reading)
    enough = len(told) >= len(labels) if not any(told) else sorted(told) == sorted(labels)
    if enough:
        return None
    wanted = f"{len(labels)} entries, for {', '.join(labels)}, which play on one host"
    hint = "Musicians on one host have the same address: know each by its own uuid."
    came = f"{len(told)}: {', '.join(told)}" if told else answer.emptiness
    lost = Violation(wanted, came, hint=hint, fault=Fault.ABSENT, kind=Kind.FORM)
    return lost.seen_at(answer.came)
