"""A zip for Moodle's “Upload multiple feedback files in a zip”: a folder for each participant.

Moodle finds the participant by a number in the folder's name, which is of one assignment only:
`Ann Smith_4711_assignsubmission_file_`. It is in the name of the entry that the class was graded
from. Where it is not clear whose a number is, nothing is written for it, and the teacher is told.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.classes.file_names import identity, safe_name, squeezed
from conformance.classes.hand_ins.sites import MOODLE, read_name
from conformance.classes.model import Class, HandIn, Student
from conformance.verdict.model import WrongCall

PAGES = {".txt": "feedback.txt", ".html": "feedback.html"}
"""How the pages of a student are called there, by the suffix that they have in the class's folder.
Moodle replaces a file of the same name."""

DEPTH = 4
"""Folders above a hand-in of which one may be the entry."""

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""Stands for the time of every file, so that the same feedback makes the same zip."""

WITHOUT_NAMES = (
    "no entry of this class has the name that Moodle gives, such as"
    " Ann Smith_4711_assignsubmission_file_, whose number says whose feedback it is: no feedback."
    " “Download all submissions” of the assignment from Moodle, and grade these under the names"
    " that they have there"
)
_NOT_IN_A_NAME = re.compile(r"[^\w .'-]|_")
"""Moodle splits the name at `_`."""


@dataclass(frozen=True)
class Participant:
    """A participant of an assignment, by the name of an entry."""

    number: str
    name: str
    """"" where Moodle hides names."""

    @property
    def folder(self) -> str:
        name = _NOT_IN_A_NAME.sub(" ", self.name).strip() or "Participant"
        return f"{name}_{self.number}_assignsubmission_file_"


def feedback_zip(graded: Class, pages: Path, lab: str | None) -> tuple[bytes, Sequence[str]]:
    """The zip, from the students' `pages`, and who is left out of it, in sentences. `lab`: the one
    whose assignment it is for. Raises WrongCall if that is not clear, or if nobody is in it."""
    found = {plan.name: _participants(graded, plan.name) for plan in graded.labs}
    if lab is not None and lab not in found:
        raise WrongCall(f"the class is not graded for {lab!r}; it is for {', '.join(found)}")
    chosen = found[lab] if lab is not None else _only(found)
    numbers = Counter(participant.number for participant in chosen.values())
    zipped, left_out = io.BytesIO(), []
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for student in graded.students:
            participant = chosen.get(student.id)
            if participant is None:
                left_out.append(f"{student.id}: no entry says which participant this is")
            elif numbers[participant.number] > 1:
                left_out.append(f"{student.id}: others have the number {participant.number}, too")
            elif not (theirs := list(_pages(pages, student))):
                left_out.append(f"{student.id}: there is no page")
            else:
                for name, data in theirs:
                    info = zipfile.ZipInfo(f"{participant.folder}/{name}", FIRST_DAY)
                    info.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(info, data)
        if not archive.namelist():
            raise WrongCall(WITHOUT_NAMES)
    return zipped.getvalue(), left_out


def _only(found: dict[str, dict[str, Participant]]) -> dict[str, Participant]:
    """The participants, if they have the same numbers in all labs."""
    known = {lab: theirs for lab, theirs in found.items() if theirs}
    everybody: dict[str, Participant] = {}
    for theirs in known.values():
        for student, participant in theirs.items():
            if everybody.setdefault(student, participant).number != participant.number:
                raise WrongCall(
                    "the labs are several assignments of Moodle's, in which participants have other"
                    f" numbers: name one of {', '.join(known)} with --moodle-lab"
                )
    return everybody


def _participants(graded: Class, lab: str) -> dict[str, Participant]:
    """By the ids of students. Of a group that has handed in together, whoever the entry names."""
    hand_ins = {hand_in.author: hand_in for hand_in in graded.hand_ins if hand_in.lab == lab}
    found = {}
    for author, hand_in in hand_ins.items():
        participant = _participant(hand_in)
        members = [s for s in graded.students if graded.author_of(s) == author]
        if participant is not None and len(members) > 1:
            named = squeezed(identity(participant.name))
            members = [s for s in members if named and squeezed(identity(s.name)) == named]
        if participant is not None and len(members) == 1:
            found[members[0].id] = participant
    return found


def _participant(hand_in: HandIn) -> Participant | None:
    """Whose entry it is, by the outermost of the names: what is inside, a student has named."""
    if hand_in.path is None:
        return None
    for place in reversed([hand_in.path, *hand_in.path.parents][:DEPTH]):
        name = read_name(place.name)
        if name.site == MOODLE and name.author.id.isdecimal():
            return Participant(name.author.id, name.author.name)
    return None


def _pages(pages: Path, student: Student) -> Iterator[tuple[str, bytes]]:
    for suffix, name in PAGES.items():
        file = pages / f"{safe_name(student.id)}{suffix}"
        if file.is_file():
            yield name, file.read_bytes()
