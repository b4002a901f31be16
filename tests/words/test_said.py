"""Stored sentences in French: the same values in other words, and nothing that is not ours."""

from __future__ import annotations

from contextvars import copy_context

import pytest

from conformance.verdict.checks import cadence, promptly
from conformance.verdict.hints import fitting
from conformance.verdict.symptoms import Sign, Symptom
from conformance.words import _, from_environment, ngettext, said, speaking, spoken
from conformance.words.messages import missing


@pytest.mark.parametrize(
    ("stored", "french"),
    [
        ("nothing within 5 s", "rien en 5 s"),
        ("client 2 connects", "client 2 se connecte"),
        ("> HÉLLO, without an end of line", "> HÉLLO, sans fin de ligne"),
        (
            "> A, without an end of line, then nothing within 5 s",
            "> A, sans fin de ligne, puis rien en 5 s",
        ),
        (
            "Still open: could not be started: ann.zip cannot be unpacked: no zip.",
            "Encore ouvert: n'a pas pu être démarré: ann.zip ne peut pas être décompressé: no zip.",
        ),
        (
            "the server closed the connection (the program has ended: exit status 1)",
            "le serveur a fermé la connexion (le programme s'est terminé: code de sortie 1)",
        ),
        (
            "3 points not shown, all behind 5.1 and 5.2: mend those first",
            "3 points non démontrés, tous derrière 5.1 et 5.2: les corriger d'abord",
        ),
        (
            "it closed after 1.40 s, 0.30 s of it waiting for a core",
            "il l'a fermée après 1.40 s, 0.30 s à attendre un processeur",
        ),
        (
            "println() adds the newline, print() and write() do not. Its own last output says why"
            " it ended.",
            "println() ajoute le saut de ligne, print() et write() ne l'ajoutent pas. Sa propre"
            " dernière sortie dit pourquoi il s'est terminé.",
        ),
    ],
)
def test_a_sentence_keeps_its_values(stored: str, french: str) -> None:
    assert said(stored) == stored
    with speaking("fr"):
        assert said(stored) == french


@pytest.mark.parametrize(
    "text",
    [
        "> 3 lines, no less",  # of a program that imitates the suite
        "ready to serve 5 clients, then nothing",
        "three lines",  # no number where there is always one
        "Bob said good bye to all of his friends and left",  # nobody's name
        "{number} lines",
        "%s and {0.__class__} and {name!r:>99}",
        "\x1b[31m{\x00}\udcff",
        "a after b after c after " * 400,
        "a of b and c to d, e; f: g (h) left, i connects, " * 30,  # may be made from all of these
        "",
        " ",
    ],
)
def test_what_a_program_says_stays_as_it_is(text: str) -> None:
    with speaking("fr"):
        assert said(text) == text


def test_what_a_build_has_said_does_not_hide_what_the_suite_says_of_it() -> None:
    noise = "\n".join(
        f"a{n} of b and c to d, e; f: g (h) left, i connects, " * 9 for n in range(99)
    )
    with speaking("fr"):
        told = said(f"nothing within 5 s\n{noise}")
    assert told == f"rien en 5 s\n{noise}"


def test_values_are_not_read_as_messages() -> None:
    """What a program has sent is not translated where it stands in a sentence either."""
    with speaking("fr"):
        assert said("nothing within 5 s, without an end of line") == (
            "nothing within 5 s, sans fin de ligne"
        )
        assert "{expected}" in said("3 lines; the first that is missing: {expected}")


def test_checks_are_said_in_french() -> None:
    late = promptly(1.0, 2.62, within=1.0, what="a reply")
    uneven = cadence([0, 1, 2.6, 3], period=1.0, tolerance=0.2, what="tick")
    assert late is not None
    assert uneven is not None
    with speaking("fr"), missing() as missed:
        for each in (late, uneven):
            assert said(each.actual) != each.actual
            assert said(each.expected) != each.expected
    assert missed == []


@pytest.mark.parametrize("language", ["python", "java", "node", "c", ""])
@pytest.mark.parametrize("sign", Sign)
def test_hints_are_said_in_french_whatever_the_program_is_written_in(
    sign: Sign, language: str
) -> None:
    facts = {"sent": "é", "came": "Ã©", "encoding": "UTF-8 read as ISO 8859-1"}
    hint = fitting("", Symptom(sign, facts=facts), language)
    with speaking("fr"), missing() as missed:
        assert not hint or said(hint) != hint
    assert missed == []


def test_words_of_a_report_are_in_the_language_that_is_spoken() -> None:
    assert (_("expected"), ngettext("one", "many", 2)) == ("expected", "many")
    with speaking("fr"):
        assert (_("expected"), _("")) == ("attendu", "")
        with speaking("en"):
            assert _("expected") == "expected"
        assert spoken() == "fr"
    assert spoken() == "en"


def test_a_language_is_that_of_its_own_context() -> None:
    """Reports that are written side by side do not hear of each other's language."""
    other = copy_context()
    with speaking("fr"):
        assert other.run(spoken) == "en"


def test_an_unknown_language_is_no_language() -> None:
    with pytest.raises(ValueError, match="'de'"), speaking("de"):
        pass


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "fr_CH.UTF-8"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "fr_CH.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "fr_CH.UTF-8", "LC_ALL": "C.UTF-8", "LANGUAGE": "fr"}, "en"),
        ({"LANG": "de_CH.UTF-8", "LANGUAGE": "de:fr:en"}, "fr"),
        ({"LANG": "it_CH.UTF-8"}, "en"),
        ({"LANG": "", "LC_MESSAGES": "fr_FR"}, "fr"),
    ],
)
def test_the_language_is_the_environments(environment: dict[str, str], language: str) -> None:
    assert from_environment(environment) == language


def test_no_mark_of_a_field_is_printed() -> None:
    with speaking("fr"):
        told = _("{told} so far, something is open").format(told="4 de 9 points")
        assert told == "4 de 9 points jusqu'ici, quelque chose est ouvert"
        assert _("{number} passed").format(number=2) == "réussies: 2"
