"""A gradebook is filled in the way of its site; every other byte is as it was."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classes.gradebooks.exports import (
    ANN,
    BLACKBOARD,
    BOB,
    BRIGHTSPACE,
    CANVAS,
    CANVAS_COMMA,
    CLEO,
    EXPORTS,
    MARKS,
    MOODLE,
    MOODLE_DE,
    MOODLE_FR,
    MOODLE_GRADEBOOK,
    MOODLE_PT,
    filled,
)
from conformance.classes.gradebooks.fill import Earned
from conformance.classes.model import Student
from conformance.verdict.model import WrongCall


@pytest.mark.parametrize(
    ("export", "edits"),
    [
        (CANVAS, [("ann,G1,,33", "ann,G1,7,33"), ("G1,5.00,", "G1,4.5,")]),
        (CANVAS_COMMA, [("ann;G1;", "ann;G1;7"), ("bob;G1;", "bob;G1;4,5")]),
        (MOODLE, [('grading - ",,7.00', 'grading - ",7,7.00'), (",3.00,", ",4.5,")]),
        (
            MOODLE_DE,
            [
                ('ann@example.org,Abgegeben,,"', 'ann@example.org,Abgegeben,7,"'),
                ('bob@example.org,Abgegeben,,"', 'bob@example.org,Abgegeben,"4,5","'),
            ],
        ),
        (
            MOODLE_FR,
            [
                ('ann@example.org,Remis,,"', 'ann@example.org,Remis,7,"'),
                ('bob@example.org,Remis,,"', 'bob@example.org,Remis,"4,5","'),
            ],
        ),
        (
            MOODLE_PT,
            [
                ("ann@example.org,Enviado,,", "ann@example.org,Enviado,7,"),
                ("bob@example.org,Enviado,,", "bob@example.org,Enviado,4.5,"),
            ],
        ),
        (
            MOODLE_GRADEBOOK,
            [
                ("ann@example.org,-,", "ann@example.org,7,"),
                ("bob@example.org,-,", "bob@example.org,4.5,"),
            ],
        ),
        (BLACKBOARD, [('"Yes"\t""\t"12.00"', '"Yes"\t"7"\t"12.00"'), ('"2.00"', '"4.5"')]),
        (
            BRIGHTSPACE,
            [
                ("ann@example.org,,12", "ann@example.org,7,12"),
                ("bob@example.org,,", "bob@example.org,4.5,"),
            ],
        ),
    ],
    ids=list(EXPORTS),
)
def test_only_the_cells_of_grades_change(export: bytes, edits: list[tuple[str, str]]) -> None:
    codec = {BLACKBOARD: "utf-16", BRIGHTSPACE: "latin-1"}.get(export, "utf-8")
    expected = export.decode(codec)
    for old, new in edits:
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    result = filled(export)
    assert result.data.decode(codec) == expected
    assert result.data == expected.encode(codec)
    assert result.written == 2
    assert result.open == ["cleo"]
    assert not result.strangers
    assert not result.is_whole


@pytest.mark.parametrize("export", EXPORTS.values(), ids=list(EXPORTS))
def test_filling_again_changes_nothing(export: bytes) -> None:
    once = filled(export).data
    again = filled(once)
    assert again.data == once
    assert not again.replaced


@pytest.mark.parametrize("export", EXPORTS.values(), ids=list(EXPORTS))
def test_without_final_grades_not_a_byte_changes(export: bytes) -> None:
    marks = tuple(Earned(mark.student, None) for mark in MARKS)
    assert filled(export, marks=marks).data == export


def test_moodle_takes_feedback_for_html() -> None:
    told = filled(MOODLE, feedback=True).data.decode("utf-8-sig")
    assert "echo: 5 of 7 points<br>3.8 failed: &lt;b&gt; &amp; 0 of 2 points" in told


def test_blackboard_gets_feedback_that_holds_no_tag() -> None:
    told = filled(BLACKBOARD, feedback=True).data.decode("utf-16")
    assert "echo: 5 of 7 points; 3.8 failed: (b) & 0 of 2 points" in told


def test_feedback_is_never_a_formula() -> None:
    marks = (Earned(ANN, Fraction(1), '=HYPERLINK("https://evil.example")'),)
    told = filled(BLACKBOARD, marks=marks, feedback=True).data.decode("utf-16")
    assert '"\'=HYPERLINK(""https://evil.example"")"' in told


def test_a_grade_that_stood_there_is_reported_when_it_changes() -> None:
    assert filled(CANVAS).replaced == ["bob: 5.00 → 4.5"]


@pytest.mark.parametrize("word", ["EX", "N/A", "B+"])
def test_a_word_in_the_cell_stays(word: str) -> None:
    export = CANVAS.replace(b"ann,G1,,", f"ann,G1,{word},".encode())
    result = filled(export)
    assert f"ann,G1,{word},".encode() in result.data
    assert result.kept == [f"ann: the cell holds {word!r}"]


def test_a_grade_that_moodle_does_not_let_change_stays() -> None:
    marks = (*MARKS[:2], Earned(CLEO, Fraction(1)))
    result = filled(MOODLE_DE, marks=marks)
    assert result.kept == ["cleo: the site says that the grade cannot be changed"]
    assert b'Abgegeben,,"7,00",Nein' in result.data


def test_points_are_converted_where_the_teacher_asks_for_it() -> None:
    export = CANVAS.replace(b"7.00,40.00", b"10.00,40.00")
    told = filled(export, rescale=True).data
    assert b"ann,G1,10,33" in told
    assert b"bob,G1,6.43," in told


def test_who_is_on_one_side_only_is_reported() -> None:
    dan = Student("dan", "Dan Dupont")
    export = CANVAS.replace(b'"Cortez, Cleo",103,s3,cleo', b'"Young, Xaver",103,s9,young')
    result = filled(export, marks=(*MARKS, Earned(dan, Fraction(1))))
    assert result.missing == ["cleo", "dan"]
    assert result.strangers == ["Young, Xaver (young)"]


def test_that_nobody_was_found_is_explained() -> None:
    marks = (Earned(Student("4711", "Ann Arber"), Fraction(7)),)
    result = filled(CANVAS, marks=marks)
    assert result.data == CANVAS
    assert result.missing == ["4711"]
    assert any("export it with ids or addresses" in remark for remark in result.remarks)


# -- whose a row is ------------------------------------------------------------------


def test_the_address_of_mail_is_enough() -> None:
    export = BRIGHTSPACE.replace(b"#s1,#ann", b"#900,#aa").replace(b"#s2,#bob", b"#901,#bb")
    assert filled(export).written == 2


def test_a_number_of_the_site_counts_with_the_name_only() -> None:
    by_number = (
        Earned(Student("11", "Ann Arber"), Fraction(7)),
        Earned(Student("12", "Somebody Else"), Fraction(7)),
    )
    export = MOODLE.replace(b"@example.org", b"@other.example")
    result = filled(export, marks=by_number)
    assert result.written == 1
    assert result.missing == ["12"]


def test_an_id_of_somebody_with_another_name_is_in_doubt() -> None:
    export = CANVAS.replace(b'"Arber, Ann"', b'"Wexford, Quentin"')
    result = filled(export)
    assert b'"Wexford, Quentin",101,s1,ann,G1,,33' in result.data
    assert result.doubts == [
        "Wexford, Quentin (ann) may be ann (Ann Arber): the ids and names do not agree"
    ]
    assert not result.missing


@pytest.mark.parametrize("name", ["Arber-Wexford, Ann", "Wexford, Ann", "Άννα", "An Arbér"])
def test_an_id_of_somebody_whose_name_is_another_now_is_no_doubt(name: str) -> None:
    result = filled(CANVAS.replace(b'"Arber, Ann"', f'"{name}"'.encode()))
    assert result.written == 2
    assert not result.doubts


def test_the_first_part_of_an_address_is_an_id_only_with_the_name() -> None:
    ann = Student("4711", "Ann Arber", aliases=("arber", "arber@example.org"))
    export = CANVAS.replace(b"s1,ann", b"x1,arber")
    assert filled(export, marks=(Earned(ann, Fraction(7)),)).written == 1
    bob = export.replace(b'"Arber, Ann"', b'"Arber, Quentin Jonathan"')
    result = filled(bob, marks=(Earned(ann, Fraction(7)),))
    assert result.written == 0
    assert len(result.doubts) == 1


def test_ids_of_two_students_in_one_row_are_in_doubt() -> None:
    result = filled(CANVAS.replace(b"101,s1,ann", b"101,s2,ann"))
    assert result.written == 1
    assert result.doubts == [
        "Arber, Ann (ann) may be ann (Ann Arber), bob (Böb Bölling): the ids and names do not agree"
    ]


def test_an_address_of_another_student_is_in_doubt() -> None:
    result = filled(BRIGHTSPACE.replace(b"Ann,ann@", b"Ann,bob@"))
    assert result.written == 1
    assert [doubt.partition(" may be ")[0] for doubt in result.doubts] == ["Ann Arber (ann)"]


def test_names_that_are_hidden_leave_the_number() -> None:
    export = MOODLE.replace(b'"Full name","Email address",', b"")
    for name in ("Ann Arber", "Böb Bölling", "Cleo Cortez"):
        mail = name.replace("ö", "o").split()[0].lower()
        export = export.replace(f'"{name}",{mail}@example.org,'.encode(), b"")
    marks = (Earned(Student("11"), Fraction(7)), Earned(Student("12", "Böb"), Fraction(7)))
    result = filled(export, marks=marks)
    assert b'11,"Submitted for grading - ",7,7.00' in result.data
    assert result.missing == ["12"]


def test_two_rows_of_one_student_are_refused() -> None:
    export = CANVAS + b'"Arber, Ann",101,s1,ann,G2,,,\r\n'
    with pytest.raises(WrongCall, match="the rows 4 and 8 are both of ann: delete one of them"):
        filled(export)


# -- which column ----------------------------------------------------------------------


def test_several_columns_that_may_be_meant_are_refused() -> None:
    export = CANVAS.replace(b"Exam (4713)", b"Lab 3: Echo (4713)")
    with pytest.raises(WrongCall, match="several columns have the name of the lab echo"):
        filled(export)
    assert filled(export, column="Echo server").written == 2
    assert filled(export, column="Echo server (4711)").written == 2


def test_a_column_of_another_name_has_to_be_named() -> None:
    export = CANVAS.replace(b"Echo server", b"Lab 1")
    with pytest.raises(WrongCall, match=r"no column has the name of the lab echo: name one with"):
        filled(export)
    assert filled(export, column="lab 1").written == 2


@pytest.mark.parametrize(
    "name",
    [
        "Echo bonus",
        "Streaming time and echo",
        "Echo 2",
        "Midterm on echo",
        "No echo",
        "Lab 1 echo b",
    ],
)
def test_a_column_that_has_the_name_among_other_words_is_not_filled(name: str) -> None:
    export = CANVAS.replace(b"Echo server", name.encode())
    with pytest.raises(WrongCall, match=rf"'{name} \(4711\)' may be for something else"):
        filled(export)
    assert filled(export, column=name).written == 2


@pytest.mark.parametrize(
    "name", ["echo", "ECHO", "Lab 1: Echo", "1. Echo server", "Übung 3 – Echo-Server", "Echo (TP2)"]
)
def test_a_column_that_is_called_like_the_lab_is_found(name: str) -> None:
    assert filled(CANVAS.replace(b"Echo server", name.encode())).column == f"{name} (4711)"


def test_of_a_column_for_a_bonus_and_one_for_the_lab_it_is_the_latter() -> None:
    export = CANVAS.replace(b"Echo server", b"Echo bonus").replace(b"Exam", b"Echo")
    assert filled(export, possible=40).column == "Echo (4713)"


def test_a_lab_is_not_taken_for_one_whose_name_is_longer() -> None:
    export = CANVAS.replace(b"Echo server", b"Presence").replace(b"Exam", b"Presence UDP")
    told = filled(export, lab="presence", labs=("presence", "presence-udp"))
    assert told.column == "Presence (4711)"


def test_a_read_only_column_takes_no_grades() -> None:
    with pytest.raises(WrongCall, match="no column that takes grades is called 'Labs Final Score'"):
        filled(CANVAS, column="Labs Final Score")


@pytest.mark.parametrize("export", [CANVAS, MOODLE_FR, BLACKBOARD, BRIGHTSPACE])
def test_other_points_than_the_labs_are_refused(export: bytes) -> None:
    with pytest.raises(WrongCall, match=r"is worth 7 points, and echo 9 points: .* --rescale"):
        filled(export, possible=9)


@pytest.mark.parametrize("kind", ["Percentage", "Letter", "Complete/Incomplete"])
def test_a_column_that_shows_something_else_than_points_is_refused(kind: str) -> None:
    text = BLACKBOARD.decode("utf-16").replace("Total Pts: 7 Score", f"Total Pts: 7 {kind}")
    with pytest.raises(WrongCall, match=f"shows '{kind}', where points are written"):
        filled(text.encode("utf-16"))


def test_a_scale_of_words_is_refused() -> None:
    export = MOODLE_DE.replace(b"Bestwertung", b"Skala").replace(b'"7,00"', b"bestanden")
    with pytest.raises(WrongCall, match="graded by a scale of words"):
        filled(export)


def test_what_has_no_column_for_feedback_is_refused() -> None:
    with pytest.raises(WrongCall, match="of Canvas has no column for feedback: only Moodle's"):
        filled(CANVAS, feedback=True)
    with pytest.raises(WrongCall, match="of Brightspace has no column for feedback"):
        filled(BRIGHTSPACE, feedback=True)


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"id,name\n1,Ann\n", b"\0\1\2"])
def test_what_is_no_gradebook_is_refused(data: bytes) -> None:
    with pytest.raises(WrongCall, match="no line of it is the heading of a gradebook"):
        filled(data)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_the_grades_of_the_class_itself_are_no_export(delimiter: str) -> None:
    rows = "id,name,echo points,echo max,percent,grade,provisional,remarks\nann,Ann,7,7,100,6,,\n"
    with pytest.raises(WrongCall, match=r"this is the grades\.csv of a class"):
        filled(("\ufeff" + rows.replace(",", delimiter)).encode())


def test_a_row_without_the_cell_is_refused() -> None:
    export = CANVAS.replace(b'bob,G1,5.00,,"=1+1"', b"bob")
    with pytest.raises(WrongCall, match="the row 5 has too few cells"):
        filled(export, marks=(Earned(BOB, Fraction(1)),))


# -- whatever the file holds -----------------------------------------------------------


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """An export in which some bytes are others, are gone, or came in."""
    data = bytearray(draw(st.sampled_from(list(EXPORTS.values()))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        length = draw(st.integers(0, 3))
        data[at : at + length] = draw(st.sampled_from([b'"', b",", b"\n", b";", b"\0", b"=", b"7"]))
    return bytes(data)


@given(damaged())
def test_a_damaged_file_is_refused_or_only_its_grades_change(data: bytes) -> None:
    try:
        result = filled(data)
    except WrongCall:
        return
    unchanged = filled(data, marks=tuple(Earned(mark.student, None) for mark in MARKS))
    assert unchanged.data == data
    assert len(result.data) - len(data) < 40  # two numbers
    again = filled(result.data)
    assert again.data == result.data
