"""Reading that is itself recorded: what inspectors and operators look at (PEOPLE A7)."""

from digitise.bootstrap import Services
from digitise.model.people import Actor, Role

WATCHED = frozenset({Role.AUDITOR, Role.OPERATOR})


def note_reading(services: Services, actor: Actor, action: str, subject: str) -> None:
    """Record that an auditor or operator read `subject`; clerks' daily work is recorded where it changes something."""
    if actor.roles & WATCHED:
        services.audit.record(actor, action, subject)
