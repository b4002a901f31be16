"""What a conversation needs, and which clause pays if 2.1 has found it missing."""

from conformance import Kind, NotJudged

from .notices import names_people, times, voice


def excuse(server, clause, kind, reason, *, learnt):
    """Like `Server.excuse`; but if the clause holds after all, forgets what was `learnt`."""
    server.excuse(clause, Kind(kind), reason)
    server.dialect.pop(learnt)


def needs_answers(server):
    """Excuses a server on which no command has an effect."""
    if kind := server.dialect.get("deaf"):
        excuse(server, "2.1", kind, "no command had any effect", learnt="deaf")


def needs_sound(server):
    """Excuses a server that never sends anything."""
    if server.dialect.get("mute"):
        needs_answers(server)


def needs_talk(server):
    """Excuses a server whose SAY tells nobody anything, or nothing by a rule."""
    needs_answers(server)
    if kind := server.dialect.get("says", {}).get("missing"):
        excuse(server, "2.2", kind, "messages reach people in no regular way", learnt="says")


def needs_a_room(server):
    """Excuses a server whose messages do not reach the others."""
    needs_talk(server)
    if not times(server, "says")["others"]:
        reason = "a message reaches nobody but who has said it"
        excuse(server, "2.2", Kind.SILENCE, reason, learnt="says")


def needs_a_voice(server):
    """Excuses a server that tells the others of nothing: it cannot be seen whether it still
    works."""
    reaching = {"SAY": "says", "HELLO": "came"}.get(voice(server, ["others"]))
    if not reaching or not times(server, reaching).get("others"):
        needs_a_room(server)


def needs_lines(server):
    """Excuses a server whose lines have no end: an answer of several lines cannot be judged."""
    needs_answers(server)
    if server.dialect.get("ends", "\n") == "":
        reason = "its lines have no end, and cannot be told apart"
        excuse(server, "2.1", Kind.FORM, reason, learnt="ends")


def needs_names(server):
    """Excuses a server whose HELLO gives nobody a name."""
    needs_answers(server)
    if not names_people(server):
        payer = server.dialect["called"]["by"]
        seen = server.dialect.get("came", {}).get("missing") if payer == "2.1" else None
        raise NotJudged(payer, Kind(seen or Kind.FORM), "HELLO gives nobody a name")
