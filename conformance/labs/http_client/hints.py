"""Hints for what was seen of a client, with the calls of its language."""

from conformance import Sign

CONNECT = {
    Sign.ENDED.value: "Its own last output may say why. It is to connect to the web server first.",
    Sign.ELSEWHERE.value: (
        "Look for the host's name and the number of the port in the program, or give it both as"
        ' arguments: `arguments = ["{host}", "{port}"]` in submission.toml.'
    ),
    Sign.NO_VISIT.value: "Does it wait for something else first: a key, an answer, a window?",
}

FLUSH = {
    Sign.UNSAID.value: (
        "Is the request kept in a buffer?"
        " (Java: a PrintWriter or a BufferedWriter needs flush(), or autoflush and println())"
        ' (Python: what is written to `makefile("w")` needs flush(); `sendall()` needs none)'
        " (C: a FILE * needs fflush())."
    ),
    Sign.UNFINISHED.value: (
        r"A request ends with a blank line: \r\n\r\n. Without it, a server waits for the rest."
    ),
}

PRINT = {
    Sign.UNPRINTED.value: (
        "What was read has to be printed: as it comes, or all of it at the end of the stream."
    ),
    Sign.MISPRINTED.value: (
        "Print the text that the bytes stand for"
        " (Python: `data.decode(\"utf-8\")`, not `print(data)`, which shows b'…')"
        " (Java: `new String(bytes, StandardCharsets.UTF_8)`, not the array)"
        ' (Node: `data.toString()`, or `socket.setEncoding("utf8")`).'
    ),
    Sign.PRINTED_IN_PART.value: (
        "One read gives what has come so far, not the whole answer: go on until the end of the"
        ' stream (Python: `recv()` returns b"") (Java: `read()` returns -1, `readLine()` null)'
        ' (Node: the event "end") (C: `read()` returns 0).'
    ),
}

ACCENTS = {
    Sign.MISPRINTED.value: (
        "Bytes become text as UTF-8, and a character may come in two pieces: collect the bytes,"
        " then decode them"
        ' (Python: or `makefile(encoding="utf-8")`)'
        " (Java: or an InputStreamReader with StandardCharsets.UTF_8)"
        ' (Node: or `socket.setEncoding("utf8")`).'
    ),
}

STAYS = {
    Sign.STAYS.value: (
        "At the end of the stream a read returns at once, with nothing: leave the loop then"
        ' (Python: `recv()` returns b"") (Java: `read()` returns -1, `readLine()` null)'
        " (C: `read()` returns 0); close the socket, and wait for nobody."
    ),
}

RESET = {
    Sign.STAYS.value: "A reset makes a read fail: by an exception, or -1. Then no more will come.",
    **PRINT,
}

TRIES = {
    Sign.STAYS.value: "Nobody listens: say so, and end. To try again for ever helps nobody.",
}

SAY_SO = {
    Sign.UNPRINTED.value: "An empty catch hides why nothing happens: print what went wrong.",
}

CATCH = {
    Sign.ENDED.value: "A read may wait for long. If it has a time limit, catch what that throws.",
}

ONE_CONNECTION = "Connect once, and use this connection for the request and for the answer."
