"""Faults that cost several clauses, and the sentence for each. The first that was seen is told."""

from conformance import never_served

CAUSES = [*never_served()]
