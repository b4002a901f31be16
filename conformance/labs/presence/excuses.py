"""What a conversation needs and 2.1 may have found missing, and the clause that pays for that."""

from conformance import Kind, NotJudged

from .notices import names_people, times, voice


def excuse(server, clause, kind, reason, *, learnt):
    """See `Server.excuse`. If the clause holds after all, what was learnt is forgotten."""
    server.excuse(clause, Kind(kind), reason)
    server.dialect.pop(learnt)


def needs_answers(server):
    """Where no command has any effect, nothing of a room can be shown."""
    if kind := server.dialect.get("deaf"):
        excuse(server, "2.1", kind, "no command had any effect", learnt="deaf")


def needs_sound(server):
    """Where nothing ever comes, nothing need be waited for."""
    if server.dialect.get("mute"):
        needs_answers(server)


def needs_talk(server):
    """Where SAY tells nobody anything, or nothing that has a rule, talk cannot be judged."""
    needs_answers(server)
    if kind := server.dialect.get("says", {}).get("missing"):
        excuse(server, "2.2", kind, "there is no rule by which a message is told", learnt="says")


def needs_a_room(server):
    """Where a message does not reach the others, it cannot be judged what they are told."""
    needs_talk(server)
    if not times(server, "says")["others"]:
        reason = "a message reaches nobody but who has said it"
        excuse(server, "2.2", Kind.SILENCE, reason, learnt="says")


def needs_a_voice(server):
    """Where nothing that anybody does reaches the others, nobody knows whether it still does."""
    reaching = {"SAY": "says", "HELLO": "came"}.get(voice(server, ["others"]))
    if not reaching or not times(server, reaching).get("others"):
        needs_a_room(server)


def needs_lines(server):
    """Where lines have no end, an answer of several cannot be judged."""
    needs_answers(server)
    if server.dialect.get("ends", "\n") == "":
        reason = "its lines have no end, and cannot be told apart"
        excuse(server, "2.1", Kind.FORM, reason, learnt="ends")


def needs_names(server):
    """Where HELLO gives nobody a name, nobody can be known by one."""
    needs_answers(server)
    if not names_people(server):
        payer = server.dialect["called"]["by"]
        seen = server.dialect.get("came", {}).get("missing") if payer == "2.1" else None
        raise NotJudged(payer, Kind(seen or Kind.FORM), "HELLO gives nobody a name")
