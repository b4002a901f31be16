"""Whose an entry is, where a site spells a name otherwise than the roster does."""

from __future__ import annotations

import pytest

from conformance.classes.file_names import Author
from conformance.classes.hand_ins.matching import People
from conformance.classes.hand_ins.roster import Roster
from conformance.classes.model import Student


def owner_of(
    people: People, author: Author, site: str = "", *, namesakes: bool = False
) -> str | None:
    """Under whose id the work of such an author is graded; None: nobody's in the roster."""
    match = people.match(author, site, namesakes=namesakes)
    return match.owner if match else None


@pytest.mark.parametrize(
    ("author", "site", "owner"),
    [
        (Author("1", "mullerann"), "Canvas", "m"),
        (Author("1", "muellerann"), "Canvas", "m"),
        (Author("1", "Muller Ann"), "Moodle", "m"),
        (Author("asepos"), "", "a"),
        (Author("9", "Øystein Åse"), "Moodle", "o"),
        (Author("9", "Weiss Zoe"), "Brightspace", "z"),
        (Author("9", "小明"), "Moodle", None),
        (Author("9", "xiao"), "Canvas", None),
    ],
)
def test_names_are_known_without_their_accents(author: Author, site: str, owner: str) -> None:
    people = People(
        Roster(
            (
                Student("m", "Müller, Ann"),
                Student("a", "Pös Ase"),
                Student("o", "Oystein Ase"),
                Student("z", "Zoé Weiß"),
                Student("c", "王 xiao"),
            )
        ),
        {},
    )
    assert owner_of(people, author, site) == owner


def test_two_who_differ_in_an_accent_are_two() -> None:
    people = People(Roster((Student("1", "Ann Muller"), Student("2", "Ann Müller"))), {})
    assert owner_of(people, Author("9", "Ann Müller"), "Moodle") == "2"
    assert owner_of(people, Author("9", "Ann Muller"), "Moodle") == "1"
    assert owner_of(people, Author("9", "Ann Mùller"), "Moodle") is None


def test_a_login_is_an_id_of_ours_and_a_number_of_brightspace_is_none() -> None:
    people = People(Roster((Student("4711"), Student("bob", "Bob Ray"))), {})
    assert owner_of(people, Author("4711", "Eve"), "Sakai") == "4711"
    assert owner_of(people, Author("4711", "Eve"), "Brightspace") is None
    assert owner_of(people, Author("x77", "Ray, Bob"), "Blackboard") == "bob"
