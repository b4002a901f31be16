"""Gradebooks as sites export them, for a class of Ann, Bob and Cleo, and their grades.

Ann has all seven points, Bob four and a half, and Cleo's result is open.
"""

from __future__ import annotations

from fractions import Fraction

from conformance.classes.gradebooks.fill import Earned, Filled, FillRequest, fill
from conformance.classes.model import Student

ANN = Student("ann", "Ann Arber", aliases=("s1", "ann@example.org"))
BOB = Student("bob", "Böb Bölling", aliases=("s2", "bob@example.org"))
CLEO = Student("cleo", "Cleo Cortez", aliases=("s3", "cleo@example.org"))
MARKS = (
    Earned(ANN, Fraction(7), "echo: 7 of 7 points"),
    Earned(BOB, Fraction(9, 2), "echo: 5 of 7 points\n3.8 failed: <b> & 0 of 2 points"),
    Earned(CLEO, None),
)

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Echo server (4711),Exam (4713),"
    "Labs Final Score\r\n"
    ",,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,7.00,40.00,(read only)\r\n"
    '"Arber, Ann",101,s1,ann,G1,,33.00,81.0\r\n'
    '"Bölling, Böb",102,s2,bob,G1,5.00,,"=1+1"\r\n'
    '"Cortez, Cleo",103,s3,cleo,"G1 and ""G2""",,,\r\n'
    '"Student, Test",104,,0000000000000000000000000000000000000000,G1,,,\r\n'
).encode()

CANVAS_COMMA = (
    "LastName;FirstName;ID;SIS Login ID;Section;Echo (4711)\n"
    "    Points Possible;;;;;7,00\n"
    "Arber;Ann;101;ann;G1;\n"
    "Bölling;Böb;102;bob;G1;\n"
    "Cortez;Cleo;103;cleo;G1;\n"
).encode()

MOODLE = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (grade)","Feedback comments"\n'
    'Participant 11,"Ann Arber",ann@example.org,"Submitted for grading - ",,7.00,Yes,-,""\n'
    'Participant 12,"Böb Bölling",bob@example.org,"No submission",3.00,7.00,Yes,-,""\n'
    'Participant 13,"Cleo Cortez",cleo@example.org,"No submission",-,7.00,Yes,-,""\n'
).encode()

MOODLE_DE = (
    'ID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,'
    '"Bewertung kann geändert werden","Zuletzt geändert (Bewertung)","Feedback als Kommentar"\n'
    'Teilnehmer/in11,"Ann Arber",ann@example.org,Abgegeben,,"7,00",Ja,-,\n'
    'Teilnehmer/in12,"Böb Bölling",bob@example.org,Abgegeben,,"7,00",Ja,-,\n'
    'Teilnehmer/in13,"Cleo Cortez",cleo@example.org,Abgegeben,,"7,00",Nein,-,\n'
).encode()

MOODLE_FR = (
    'Identifiant,"Nom complet","Adresse de courriel",Statut,Note,"Note maximale",'
    '"La note peut être modifiée","Dernière modification (note)","Feedback par commentaires"\n'
    'Participant11,"Ann Arber",ann@example.org,Remis,,"7,00",Oui,-,\n'
    'Participant12,"Böb Bölling",bob@example.org,Remis,,"7,00",Oui,-,\n'
    'Participant13,"Cleo Cortez",cleo@example.org,Remis,,"7,00",Oui,-,\n'
).encode()

MOODLE_PT = (
    'Identificador,"Nome completo","Endereço de email",Estado,Nota,"Nota máxima","Comentários"\n'
    "Participante 11,Ann Arber,ann@example.org,Enviado,,7.00,\n"
    "Participante 12,Böb Bölling,bob@example.org,Enviado,,7.00,\n"
    "Participante 13,Cleo Cortez,cleo@example.org,Enviado,,7.00,\n"
).encode()

MOODLE_GRADEBOOK = (
    'Prénom,"Nom de famille","Numéro d’identification","Adresse de courriel",'
    '"Devoir : Echo (Brut)","Devoir : Examen (Brut)","Total du cours (Brut)"\n'
    "Ann,Arber,s1,ann@example.org,-,-,-\n"
    "Böb,Bölling,s2,bob@example.org,-,-,-\n"
    "Cleo,Cortez,s3,cleo@example.org,-,-,-\n"
).encode()

BLACKBOARD = (
    '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\t"Availability"\t'
    '"Echo [Total Pts: 7 Score] |123"\t"Total [Total Pts: up to 47 Score] |124"\t'
    '"Feedback to Learner"\r\n'
    '"Arber"\t"Ann"\t"ann"\t"s1"\t"2026-11-20"\t"Yes"\t""\t"12.00"\t""\r\n'
    '"Bölling"\t"Böb"\t"bob"\t"s2"\t""\t"Yes"\t"2.00"\t""\t""\r\n'
    '"Cortez"\t"Cleo"\t"cleo"\t"s3"\t""\t"Yes"\t""\t""\t""\r\n'
).encode("utf-16")

BRIGHTSPACE = (
    "OrgDefinedId,Username,Last Name,First Name,Email,"
    "Echo Points Grade <Numeric MaxPoints:7 Weight:10 Category:Labs CategoryWeight:50>,"
    "Exam Points Grade <Numeric MaxPoints:40>,End-of-Line Indicator\r\n"
    "#s1,#ann,Arber,Ann,ann@example.org,,12,#\r\n"
    "#s2,#bob,Bölling,Böb,bob@example.org,,,#\r\n"
    "#s3,#cleo,Cortez,Cleo,cleo@example.org,,,#\r\n"
).encode("latin-1")

EXPORTS = {
    "canvas": CANVAS,
    "canvas with commas": CANVAS_COMMA,
    "moodle": MOODLE,
    "moodle in German": MOODLE_DE,
    "moodle in French": MOODLE_FR,
    "moodle in a language that is not known": MOODLE_PT,
    "moodle's gradebook": MOODLE_GRADEBOOK,
    "blackboard": BLACKBOARD,
    "brightspace": BRIGHTSPACE,
}


def filled(
    data: bytes, *, marks: tuple[Earned, ...] = MARKS, lab: str = "echo", possible: int = 7,
    column: str = "", labs: tuple[str, ...] = ("echo",), rescale: bool = False,
    feedback: bool = False,
) -> Filled:  # fmt: skip
    return fill(data, marks, FillRequest(lab, possible, column, labs, rescale, feedback))
