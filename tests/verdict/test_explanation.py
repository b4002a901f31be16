"""From the evidence to the symptom, the words for it and the hint: what was seen decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.verdict.explanation import explained
from conformance.verdict.hints import in_language, usual
from conformance.verdict.model import Attempt, Outcome
from conformance.verdict.symptoms import Sign, Symptom
from conformance.verdict.transcript import REMARK, Entry, Transcript
from conformance.verdict.violation import Fault, Hint, Kind, Violation

PLAIN = "The author's own hint."


def talk(*said: tuple[float, str, str]) -> Transcript:
    return Transcript(tuple(Entry(*one) for one in said))


def told(
    expected: str,
    actual: str,
    *said: tuple[float, str, str],
    fault: Fault = Fault.WRONG,
    kind: Kind = Kind.FORM,
    hint: Hint = PLAIN,
    language: str = "",
    output: str = "",
) -> Attempt:
    """What is said of a failure in a conversation of `said`, in which the first client is meant."""
    entries = ((0.0, REMARK, "client connects"), *said)
    attempt = Attempt(
        Outcome.FAILED,
        talk(*entries),
        expected,
        actual,
        fault=fault,
        kind=kind,
        lines=True,
        client="client",
        output=output,
    )
    return explained(attempt, hint, language)


def sign_of(attempt: Attempt) -> Sign | None:
    return attempt.symptom.sign if attempt.symptom else None


ACCENTS = "abcdefghij héllo €"


@pytest.mark.parametrize(
    ("expected", "came", "sign", "facts"),
    [
        ("> ABCDEF", "> ABCDEF\r", Sign.CR, {"where": "at the end"}),
        ("> ABCDEF", "> ABC\rDEF", Sign.CR, {"where": "in the text"}),
        ("> ABCDEF", "> abcdef", Sign.UNCHANGED, {}),
        ("> ABCDEF", ">ABCDEF", Sign.FORM, {}),
        ("> ABCDEF", "> ABCDE", Sign.FORM, {}),  # lacks too little to have been cut
        ("> " + "X" * 5000, "> " + "X" * 4096, Sign.CUT, {"after": 4098, "buffer": 4096}),
        ("> " + "X" * 5000, "> " + "X" * 1023, Sign.CUT, {"after": 1025, "buffer": 1024}),
        ("> " + "X" * 5000, "> " + "X" * 3000, Sign.CUT, {"after": 3002}),
        (ACCENTS, "abcdefghij hÃ©llo â\x82¬", Sign.ENCODING, {"came": "Ã©"}),
        (ACCENTS, "abcdefghij hÃ©llo â\u201a¬", Sign.ENCODING, {"came": "Ã©"}),
        (ACCENTS, "abcdefghij h\udce9llo \udc80", Sign.ENCODING, {"came": "one byte"}),
        (ACCENTS, "abcdefghij h??llo ???", Sign.ENCODING, {"encoding": "ASCII", "came": "?"}),
        (ACCENTS, "abcdefghij hllo ", Sign.ENCODING, {"encoding": "ASCII", "came": ""}),
        (ACCENTS, "abcdefghij h\ufffd\ufffdllo \ufffd", Sign.ENCODING, {"came": "\ufffd"}),
        (ACCENTS, "abcdefghij héllo \ufffd\ufffd", Sign.ENCODING, {"encoding": "in pieces"}),
        ("> BIG", "> BİG", Sign.ENCODING, {"encoding": "Turkish", "came": "İ"}),
        (ACCENTS, "abcdefghij héllo €!", Sign.FORM, {}),
        (ACCENTS, "what? no", Sign.FORM, {}),
    ],
)
def test_what_became_of_a_text(
    expected: str, came: str, sign: Sign, facts: dict[str, object]
) -> None:
    said = told(expected, came, (0.1, "client", "abcdef\n"), (0.2, "server", f"{came}\n"))
    assert sign_of(said) is sign
    assert said.symptom is not None
    assert facts.items() <= dict(said.symptom.facts).items()


FIRST, SECOND = "firstwords", "secondword"
ONE, TWO = FIRST.upper(), SECOND.upper()


@pytest.mark.parametrize(
    ("expected", "actual", "got", "sign", "words"),
    [
        (TWO, ONE, [ONE, ONE], Sign.DOUBLED, "2 times in all"),
        (ONE, TWO, [TWO, ONE], Sign.OVERTAKEN, "what is for line 1 came later"),
        (ONE, TWO, [TWO], Sign.LOST, "for line 1 nothing came"),
        (ONE, f"{ONE}?", [f"{ONE}?"], Sign.FORM, ""),
    ],
)
def test_a_right_line_at_a_wrong_place(
    expected: str, actual: str, got: list[str], sign: Sign, words: str
) -> None:
    asked = [(0.1, "client", f"{FIRST}\n"), (0.2, "client", f"{SECOND}\n")]
    came = [(0.3 + index / 100, "server", f"{line}\n") for index, line in enumerate(got)]
    said = told(expected, actual, *asked, *came)
    assert sign_of(said) is sign
    assert words in said.actual


def test_what_was_left_out_of_the_transcript_is_not_called_lost() -> None:
    asked = [(0.1, "client", f"{FIRST}\n"), (0.2, "client", f"{SECOND}\n")]
    gap = (0.25, REMARK, "… 90 more entries left out here …")
    said = told(ONE, TWO, *asked, gap, (0.3, "server", f"{TWO}\n"))
    assert sign_of(said) is Sign.FORM
    assert said.actual == TWO


def test_the_text_of_another_client_is_known_by_what_that_one_sent() -> None:
    said = told(
        ONE,
        TWO,
        (0.1, "client", f"{FIRST}\n"),
        (0.1, "client 2", f"{SECOND}\n"),
        (0.2, "server", f"{TWO}\n"),
        language="node",
    )
    assert said.symptom == Symptom(Sign.OTHERS, "client", {"client": "client 2"})
    assert said.actual == f"{TWO} (the reply to what client 2 sent)"
    assert "outside the function" in said.hint
    assert "thread" not in said.hint


def test_a_hostile_text_is_compared_in_time() -> None:
    """A pattern for each of many characters would take exponential time."""
    said = told("é" * 4_000, "\ufffd" * 9_000 + "!", (0.2, "server", "x\n"))
    assert sign_of(said) is Sign.FORM


def test_a_message_under_a_wrong_name() -> None:
    said = told(
        "Ann says: firstwords",
        "Bob says: firstwords",
        (0.1, "client", "HELLO Ann\n"),
        (0.1, "client 2", "HELLO Bob\n"),
        (0.2, "client", f"SAY {FIRST}\n"),
        (0.3, "server", "Bob says: firstwords\n"),
    )
    assert said.symptom is not None
    assert dict(said.symptom.facts) == {"name": "Bob", "right": "Ann", "client": "client 2"}
    assert said.actual.endswith("(the right text, under a wrong name)")


def test_another_wording_is_no_wrong_name() -> None:
    said = told(
        "Ann says: firstwords",
        "[Ann] firstwords",
        (0.2, "client", f"SAY {FIRST}\n"),
        (0.3, "server", "[Ann] firstwords\n"),
    )
    assert sign_of(said) is Sign.FORM


LEFT = (5.1, REMARK, "client left")


def silent(*said: tuple[float, str, str], **how: str) -> Attempt:
    asked = (0.1, "client", f"{FIRST}\n")
    actual, kind = "nothing within 5 s", Kind.SILENCE
    return told(ONE, actual, asked, *said, fault=Fault.ABSENT, kind=kind, **how)


def test_what_comes_when_the_client_leaves_was_kept_until_then() -> None:
    said = silent(LEFT, (5.2, "server", f"{ONE}\n"), language="java")
    assert sign_of(said) is Sign.AT_END
    assert said.actual == "nothing within 5 s; it came when the client had ended its side"
    assert "new PrintWriter(socket.getOutputStream(), true)" in said.hint


def test_a_buffer_that_was_emptied_before_is_not_the_cause() -> None:
    earlier = (0.05, "client", f"{SECOND}\n"), (0.06, "server", f"{TWO}\n")
    said = silent(*earlier, LEFT, (5.2, "server", f"{ONE}\n"), language="java")
    assert sign_of(said) is Sign.AT_END
    assert said.hint == ""


def test_what_comes_when_two_leave_may_have_waited_for_the_other() -> None:
    other = (5.05, REMARK, "client 2 left")
    said = silent((0.0, REMARK, "client 2 connects"), other, LEFT, (5.2, "server", f"{ONE}\n"))
    assert sign_of(said) is Sign.NOTHING
    assert said.hint == ""


def test_a_reply_on_the_console_is_told() -> None:
    said = silent(LEFT, language="python", output=f"listening\n{ONE}\n")
    assert said.actual.endswith("it printed this on its own console instead of sending it")
    assert "print() writes to the console" in said.hint


def test_a_client_that_got_nothing_at_all_may_ask_for_a_flush() -> None:
    assert "flush" in silent(LEFT, language="java").hint
    assert silent(LEFT, language="node").hint == ""  # it has no flush
    assert silent((0.2, "server", "what?\n"), LEFT, language="java").hint == ""


def test_what_the_scenario_knows_of_a_silence_is_added_to_what_the_conversation_shows() -> None:
    whom = Symptom(Sign.NOTHING, facts={"told": "some"})
    for more, sign in (((), Sign.NOTHING), ((LEFT, (5.2, "server", f"{ONE}\n")), Sign.AT_END)):
        said = explained(replace(silent(*more), symptom=whom), "")
        assert said.symptom is not None
        assert said.symptom.sign is sign
        assert said.symptom.client == "client"
        assert said.symptom.facts["told"] == "some"


def test_a_line_without_an_end() -> None:
    actual = f"{ONE}, without an end of line, then nothing within 5 s"
    said = told(ONE, actual, (0.2, "server", ONE), fault=Fault.ABSENT, language="java")
    assert sign_of(said) is Sign.UNENDED
    assert "println()" in said.hint


def test_a_line_may_be_asked_for_with_its_end() -> None:
    said = told("{'time' : 'x'} and the end of the line", "{'time' : 'x'} without an end of line")
    assert sign_of(said) is Sign.UNENDED


def test_the_beginning_of_a_line_is_cut() -> None:
    said = told("> ABCDEF", "> ABC, without an end of line, then nothing within 5 s")
    assert sign_of(said) is Sign.CUT


def test_a_buffer_is_known_by_what_was_read_not_by_what_was_sent() -> None:
    text = "".join(chr(97 + at * at % 26) for at in range(996))
    said = told(f"Ann says: {text}", f"Ann says: {text[:252]}", (0.1, "client", f"SAY {text}\n"))
    assert said.symptom is not None
    assert dict(said.symptom.facts) == {"after": 262, "unit": "characters", "buffer": 256}
    assert "256 is 2 to the power of 8" in said.hint


def test_a_close_says_how_soon_and_after_how_much() -> None:
    said = told(
        ONE,
        "the server closed the connection",
        (0.1, "server", "hello\n"),
        (1.0, "client", f"{FIRST}\n"),
        (1.25, REMARK, "the server closed the connection"),
        kind=Kind.CLOSED,
    )
    assert said.actual == (
        "the server closed the connection, 0.25 s after the last line of the client;"
        " 1 line had come"
    )
    assert said.hint == ""


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("exit status 0", "It came to its end without an error"),
        ("exit status 1", "Its own last output says why"),
        ("signal 11 (SIGSEGV)", "memory that it may not"),
        ("signal 13 (SIGPIPE)", "a client that had gone"),
    ],
)
def test_how_a_program_ended(how: str, words: str) -> None:
    said = told(
        ONE,
        f"the server closed the connection (the program has ended: {how})",
        kind=Kind.ENDED,
        output="Error",
    )
    assert sign_of(said) is Sign.ENDED
    assert words in said.hint


@pytest.mark.parametrize("sign", [sign for sign in Sign if sign is not Sign.FORM])
def test_a_plain_hint_is_for_a_wrong_text_or_time_only(sign: Sign) -> None:
    attempt = Attempt(Outcome.FAILED, symptom=Symptom(sign))
    of_the_text = sign in (Sign.UNCHANGED, Sign.EXTRA, Sign.RHYTHM, Sign.WRONG_TIME)
    assert (explained(attempt, PLAIN).hint == PLAIN) is of_the_text
    assert explained(attempt, {sign: PLAIN}).hint == PLAIN
    assert explained(attempt, {Sign.FORM: PLAIN}).hint == (PLAIN if of_the_text else usual_of(sign))


def usual_of(sign: Sign) -> str:
    return usual(Symptom(sign))


def test_no_language_hears_of_the_calls_of_another() -> None:
    foreign = {
        "python": ("PrintWriter", "socket.write(", "htons", "readLine"),
        "java": ("makefile", "fflush", "socket.write(", "htons"),
        "node": ("PrintWriter", "makefile", "fflush", "flush()", "sendall", "lock it"),
        "c": ("PrintWriter", "makefile", "socket.write(", "println"),
    }
    for language in ("python", "java", "node", "c"):
        for sign in Sign:
            hint = usual(Symptom(sign, facts={"closed": 1, "alone": 1, "sent": 1}), language)
            assert not [call for call in foreign[language] if call in hint]


def test_asides_are_for_one_language() -> None:
    text = "Compare without regard to case (Java: equalsIgnoreCase()) (C: strcasecmp)."
    assert in_language(text, "java") == (
        "Compare without regard to case (Java: equalsIgnoreCase())."
    )
    assert in_language(text, "c") == "Compare without regard to case (C: strcasecmp)."
    assert in_language(text, "python") == "Compare without regard to case."
    assert in_language(text, "") == text


def test_a_hint_for_a_sign_that_there_is_not_is_a_mistake_of_the_lab() -> None:
    with pytest.raises(ValueError, match="never shut"):
        Violation("a close", "none", hint={"never shut": PLAIN})


SENT = "Ann says: ça va, Zoë? (5 €)"


def test_characters_that_are_missing_are_named() -> None:
    said = told(SENT, "Ann says: a va Zo 5 ")
    assert said.hint.startswith("Missing: `ç`, `,`, `ë`, `?`, `(`, `€` …; everything else came.")
    for other in ("Ann says: a va zo 5 ", "says: ça va Zoë 5", "Ann says: ça va, Zoë (5 €)"):
        assert told(SENT, other).hint == PLAIN


def test_a_text_of_the_size_of_a_pointer_in_c() -> None:
    asked = "Who are you? Say HELLO name first"
    assert "strlen(text)" in told(asked, "Who are ", language="c").hint
    assert "strlen(text)" in told(asked, "Who are , without an end of line", language="c").hint
    assert told(asked, "Who are ", language="java").hint == ""
    assert told(asked, "Who are yo", language="c").hint == ""


@pytest.mark.parametrize(
    ("output", "is_told"),
    [
        ("lost Ann: Read timed out", True),
        ("TimeoutError: timed out", True),
        ("Accept timed out", False),
        ("Ann vanished", False),
    ],
)
def test_a_read_that_timed_out_by_the_programs_own_words(output: str, is_told: bool) -> None:
    said = told(
        ONE, "the server closed the connection", kind=Kind.CLOSED, output=output, language="java"
    )
    assert ("setSoTimeout()" in said.hint) is is_told
