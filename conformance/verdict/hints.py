"""The usual causes of what was seen, in the language of the program. Pure.

A hint must be true of every program that can show the sign. Where that is not sure, there is none:
a wrong hint costs more than it helps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from conformance.verdict.likeness import power
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.violation import Hint

OF_THE_TEXT = (None, Sign.FORM, Sign.UNCHANGED, Sign.EXTRA, Sign.RHYTHM, Sign.WRONG_TIME)
"""The signs of a wrong text or time, for which a lab's plain hint is meant."""

OF_ITS_OWN = {"missing", "timed out"}
"""Facts that the table has words for, which come before those of a lab."""

_ASIDE = re.compile(r" \((Python|Java|Node|C): (?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")

Words = Mapping[str, str]
"""By language, "" for what is true in all of them."""

AT_END: Words = {
    "": "It came only when the client had ended its side. Either the program keeps it in a buffer"
    " until it closes the connection, or it reads to the end before it answers.",
    "python": 'What is written to `makefile("w")` needs flush(); `read()` waits for the end,'
    " `readline()` for a line.",
    "java": "A PrintWriter keeps what it is given: `new PrintWriter(socket.getOutputStream(),"
    " true)` and println(), or flush() after each reply.",
    "node": 'Answer in `socket.on("data", …)`, at each newline, not in `socket.on("end", …)`.',
    "c": "A FILE * made by fdopen() needs fflush() after each reply; and a loop that reads until"
    " read() gives 0 must answer each line inside itself.",
}

SILENT: Words = {
    "": "",
    "python": 'Is the reply kept in a buffer? What is written to `makefile("w")` needs flush();'
    " `socket.sendall()` needs none.",
    "java": "Is the reply kept in a buffer? `new PrintWriter(socket.getOutputStream(), true)` with"
    " println(), or flush() after each reply.",
    "c": "Is the reply kept in a buffer? A FILE * made by fdopen() needs fflush().",
}
"""For a single client that got no answer at all, not even when it left."""

PRINTED: Words = {
    "": "It printed the reply on its own console, and did not send it to the client.",
    "python": "print() writes to the console; `connection.sendall(text.encode())` to the client.",
    "java": "System.out is the console; the client's stream is `socket.getOutputStream()`.",
    "node": "console.log() writes to the console; `socket.write()` to the client.",
    "c": "printf() writes to the console; write() and dprintf() take the client's descriptor.",
}

LATE: Words = {
    "": "It came by itself, so it is not a buffer that keeps it until the end: look for what waits"
    " on the way (a sleep, a timeout, a lock).",
}

UNENDED: Words = {
    "": "End each line with a newline: nobody knows else that it is whole.",
    "python": r'`(text + "\n").encode("utf-8")`; only print() adds a newline of its own.',
    "java": r"println() adds the newline, print() and write() do not.",
    "node": r"`socket.write()` adds no newline: `socket.write(text + '\n')`.",
    "c": r"Put \n behind the text, and count it in what is written.",
}

CR_ALONE: Words = {"": r"A carriage return (\r) alone ends no line: \n does, or \r\n."}

CARRIAGE_RETURN: Words = {
    "": r"A line may end with CR LF (\r\n), as telnet sends it: neither belongs to the text.",
    "python": r'`line.rstrip("\r\n")` takes both away.',
    "java": "BufferedReader.readLine() takes both away.",
    "node": r'Split at `/\r?\n/`, or `line.replace(/\r$/, "")`.',
    "c": r'`line[strcspn(line, "\r\n")] = 0;` takes both away.',
}

BUFFER: Words = {
    "python": "One `recv(N)` gives what is there, N bytes at most: collect until the newline has"
    " come, or read lines with `makefile()`.",
    "java": "One read() gives what is there, as much as the array holds at most: collect until the"
    " newline has come, or use BufferedReader.readLine().",
    "node": 'Each "data" event brings a piece, not a line: collect the pieces until the newline'
    " has come.",
    "c": "One read() or fgets() gives as much as the array holds at most: go on until the newline"
    " has come.",
}

PART: Words = {
    "python": "`send()` may take only a part of the bytes: `sendall()` takes all.",
    "c": "write() and send() may take only a part of the bytes: look at what they return, and"
    " write the rest.",
}

POINTER = (
    "8 bytes came, the size of a pointer: `strlen(text)` is the length of a text, `sizeof text`"
    " that of the pointer to it."
)

MANY = 6
"""Characters of which a hint tells that they are missing."""

TEXT: Words = {
    "python": 'Name it wherever bytes become text: `.decode("utf-8")`, `.encode("utf-8")`,'
    ' `makefile(encoding="utf-8")`.',
    "java": "Name it wherever bytes become text: `new InputStreamReader(in,"
    " StandardCharsets.UTF_8)`, `new OutputStreamWriter(out, StandardCharsets.UTF_8)`,"
    " `text.getBytes(StandardCharsets.UTF_8)`.",
    "node": 'Name it where bytes become text, and text bytes: `socket.setEncoding("utf8")`,'
    ' `socket.write(text, "utf8")`.',
    "c": "In UTF-8 a character beyond ASCII takes several bytes: leave bytes from 0x80 on alone.",
}

PIECES: Words = {
    "": "A character came in two pieces, and each piece was decoded by itself: collect the bytes"
    " of a line, then decode.",
    "node": 'Or have Node do so: `socket.setEncoding("utf8")`.',
    "python": 'Or let `makefile(encoding="utf-8")` do so.',
}

SHARED: Words = {
    "": "What belongs to one client was taken for another's: all clients share something that each"
    " needs for itself.",
    "python": "All threads share what is global, and what stands in the class.",
    "java": "All threads share what is static, and the fields of an object that serves them all.",
    "node": "All clients share a variable that stands outside the function for one connection.",
    "c": "All threads share what is global or static, buffers too, and a variable whose address"
    " each of them is given.",
}

EVERY_ADDRESS: Words = {
    "": "It listens on one address only, and clients of other hosts use another: bind to all.",
    "python": '`bind(("", PORT))`, not "localhost" or "127.0.0.1".',
    "java": "`new ServerSocket(PORT)`, without an address.",
    "node": "`server.listen(PORT)`, without a host.",
    "c": "`address.sin_addr.s_addr = htonl(INADDR_ANY);`",
}

TIMED_OUT: Words = {
    "": "Its own output says that something timed out: a read that times out is no end of the"
    " connection.",
    "python": "Is there a `settimeout()` on the client's socket?",
    "java": "Is there a `setSoTimeout()` on the client's socket?",
}

NOT_ACCEPTED: Words = {
    "": "The system has taken the connection, the program has not: accept() is called no more, or"
    " not yet. It belongs in a loop, and what one client needs must not keep that loop waiting.",
    "node": "Here it is the event loop that is busy, or nobody listens for connections.",
}

CLOSED_DOOR: Words = {
    "": "The program runs, but nothing listens on that address and port any more. Only the client's"
    " socket is closed when a client leaves, not the one that accepts.",
}

SWAPPED: Words = {
    "": "The two bytes of the port's number are swapped: it goes into the address in network byte"
    " order.",
    "c": "`address.sin_port = htons({asked});`",
}

_TABLE: Mapping[Sign, Words] = {
    Sign.AT_END: AT_END,
    Sign.OTHERS: SHARED,
    Sign.CR: CARRIAGE_RETURN,
    Sign.ONE_ADDRESS: EVERY_ADDRESS,
    Sign.NOT_ACCEPTED: NOT_ACCEPTED,
    Sign.REFUSED: CLOSED_DOOR,
    Sign.SWAPPED_PORT: SWAPPED,
}


def fitting(hint: Hint, symptom: Symptom | None, language: str = "") -> str:
    """The hint for what was seen: the lab's for this sign, else the table's. A plain text of a lab
    is meant for a wrong text (`OF_THE_TEXT`), and not for anything else."""
    sign = symptom.sign if symptom else None
    if symptom and symptom.facts.keys() & OF_ITS_OWN:  # tells more than an author can know
        return usual(symptom, language)
    if isinstance(hint, str):
        own = hint if sign in OF_THE_TEXT else ""
    else:
        own = hint.get(sign or Sign.FORM, "")
        if not own and sign in OF_THE_TEXT:
            own = hint.get(Sign.FORM, "")
    return in_language(own, language) or (usual(symptom, language) if symptom else "")


def in_language(text: str, language: str) -> str:
    """The text, without asides that are meant for another language: `(Java: equalsIgnoreCase)`. All
    of them stay where the language is not known."""

    def kept(aside: re.Match[str]) -> str:
        return aside[0] if language in ("", aside[1].lower()) else ""

    return _ASIDE.sub(kept, text)


def usual(symptom: Symptom, language: str = "") -> str:
    """The usual cause of what was seen; "" where there are too many, or none is known."""
    sign, facts = symptom.sign, symptom.facts
    if sign is Sign.NOTHING:
        if "printed" in facts:
            return in_words(PRINTED, "" if "udp" in facts else language)
        if "came to" in facts or "mixed with" in facts:
            return in_words(SHARED, language)
        alone = facts.get("alone") and facts.get("sent") and not facts.get("replies")
        return in_words(SILENT, language) if alone else ""
    if sign is Sign.LATE:
        return in_words(LATE, language) if "by itself" in facts else ""
    if sign is Sign.FORM and "missing" in facts:
        return _missing(str(facts["missing"]))
    if sign is Sign.UNENDED:
        return in_words(CR_ALONE if facts.get("ending") == "CR" else UNENDED, language)
    if sign is Sign.CUT:
        return _cut(symptom, language)
    if sign is Sign.ENCODING:
        return _encoding(symptom, language)
    if sign is Sign.ENDED:
        return _ended(symptom, language)
    if sign is Sign.CLOSED:
        return in_words(TIMED_OUT, language) if "timed out" in facts else ""
    if sign is Sign.REFUSED and "closed" not in facts:
        return ""
    if sign is Sign.AT_END and "answered" in facts:
        return ""
    if sign is Sign.MISNAMED and "client" in facts:
        return in_words(SHARED, language)
    return in_words(_TABLE.get(sign, {}), language).replace("{asked}", str(facts.get("asked", "")))


def in_words(words: Words, language: str) -> str:
    """What is true in all languages, then the calls of this one."""
    return " ".join(filter(None, (words.get("", ""), words.get(language, "") if language else "")))


def _missing(characters: str) -> str:
    told = ", ".join(f"`{character}`" for character in characters[:MANY])
    more = " …" if len(characters) > MANY else ""
    why = "Are certain characters taken out of the text?"
    return f"Missing: {told}{more}; everything else came. {why}"


def _cut(symptom: Symptom, language: str) -> str:
    """A cut at a power of two is that of a buffer; one at any other size of many thousand bytes
    may be a write that took only a part."""
    size, after = symptom.facts.get("buffer"), symptom.facts.get("after", 0)
    if isinstance(size, int):
        told = f"{size:,} is 2 to the power of {power(size)}, as the sizes of buffers are."
        return " ".join(filter(None, (told, BUFFER.get(language, ""))))
    if "pointer" in symptom.facts and language == "c":
        return POINTER
    return PART.get(language, "") if isinstance(after, int) and after > 4_000 else ""


def _encoding(symptom: Symptom, language: str) -> str:
    facts = symptom.facts
    encoding, sent, came = (str(facts.get(name, "")) for name in ("encoding", "sent", "came"))
    if encoding == "Turkish":
        turkish = "`i` became `İ` (U+0130), the capital i of Turkish."
        call = {"java": " `toUpperCase(Locale.ROOT)` depends on no language of the machine."}
        return turkish + call.get(language, "")
    if encoding == "in pieces":
        return in_words(PIECES, language)
    known = {
        "ASCII": f"`{sent}` became `{came}`: the text was written in ASCII, which has no accents."
        if came
        else f"`{sent}` was left out: the text was taken for ASCII, which has no accents.",
        "UTF-8 not decoded": f"`{sent}` became U+FFFD: its bytes were not read as UTF-8.",
        "ISO 8859-1 both ways": f"Each byte was taken for a character of its own: `{sent}` has"
        f" {len(sent.encode())} bytes in UTF-8.",
    }
    told = known.get(encoding, f"`{sent}` became `{came}`: {encoding}.")
    if encoding.startswith("sent as "):
        told = f"`{sent}` was read rightly, and {encoding}: the contract asks for UTF-8."
    return " ".join(filter(None, (told, TEXT.get(language, ""))))


def _ended(symptom: Symptom, language: str) -> str:
    how = str(symptom.facts.get("how", ""))
    if how == "exit status 0":
        return (
            "It came to its end without an error: the loop that serves was left, or exit() was"
            " called. When one client has gone, only what serves this client may end."
        )
    if "signal 11" in how or "SIGSEGV" in how:
        return "It read or wrote memory that it may not: a pointer, or an index out of its array."
    if "signal 13" in how or "SIGPIPE" in how:
        call = " `signal(SIGPIPE, SIG_IGN);` makes write() fail instead." if language == "c" else ""
        return f"It wrote to a client that had gone, which ends a program by SIGPIPE.{call}"
    return "Its own last output says why it ended." if symptom.facts.get("output") else ""
