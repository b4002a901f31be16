"""Headings of rosters' columns, as course sites and people write them in English, German, French
and Italian, in the form that `heading` gives. Pure."""

from __future__ import annotations

from conformance.classes.file_names import same

IDS = (
    *("id", "student id", "login", "login id", "sis login id", "username", "user name"),
    *("github username", "orgdefinedid", "sid", "student number", "id number", "sis user id"),
    *("display id", "identifier"),
    *("matriculation number", "matrikelnummer", "matrikelnr", "matrikel-nr", "matrikel-nr."),
    *("matrikel", "id-nummer", "numéro d'étudiant", "numéro étudiant", "n° étudiant"),
    *("numéro d'identification", "matricule", "numéro de matricule", "matricola"),
    *("numero di matricola", "numero matricola", "codice identificativo", "numero id"),
    *("numero identificativo", "codice persona"),
    *("benutzername", "anmeldename", "nutzername", "kennung", "nom d'utilisateur"),
    *("identifiant", "identifiant de connexion", "nome utente", "identificativo"),
    *("email", "e-mail", "email address", "e-mail address", "mail", "e-mail-adresse"),
    *("adresse de courriel", "adresse e-mail", "adresse électronique", "courriel"),
    *("indirizzo email", "indirizzo e-mail", "indirizzo di posta elettronica", "posta elettronica"),
    *("github id",),
)
"""Headings of ids. The first of these that a roster has is the id."""

NAMES = (
    *("name", "full name", "fullname", "student", "student name", "display name"),
    *("vollständiger name", "nom complet", "nome completo", "nome e cognome", "studente"),
    *("étudiant", "studierende", "studierender", "nom et prénom", "prénom et nom"),
)
FIRST = (
    *("first name", "firstname", "given name", "given names", "prénom", "prénoms", "prenom"),
    *("prénom(s)", "vorname", "vornamen", "nome"),
)
LAST = (
    *("last name", "lastname", "surname", "family name", "nom", "nom de famille", "nachname"),
    *("familienname", "zuname", "cognome"),
)
GROUPS = ("group", "group name", "team", "groupe", "gruppe", "gruppo", "squadra")
SUBMITTED = "submitted"

CANVAS = frozenset({"student", "id", "section"})
"""Headings of Canvas' gradebook. Its ID is the number in the names of exported files."""


_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u00b4`", "'"))


def heading(cell: str) -> str:
    """A heading in the form of the lists above: `Numéro d'identification`, `GitHub_Username`."""
    plain = same(cell).replace("_", " ").translate(_APOSTROPHES)
    return " ".join(plain.removesuffix(":").split())
