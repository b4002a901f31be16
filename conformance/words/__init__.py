"""The languages of reports: English, in which runs are stored, and French. Lowest layer.

What the suite says in a report of its own goes through `_` and `ngettext`. What a stored run
holds is English, with names and numbers put in: `said` finds the message that such a sentence was
made from, and puts the same names and numbers into its translation. It knows whole messages of the
suite only, so what a program has sent stays as it is.
"""

from __future__ import annotations

from conformance.words.language import LANGUAGES, from_environment, speaking, spoken
from conformance.words.messages import _, ngettext, said

__all__ = ["LANGUAGES", "_", "from_environment", "ngettext", "said", "speaking", "spoken"]
