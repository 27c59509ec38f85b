"""Who acts: people, roles, tokens."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do."""

    CLERK = "clerk"  # cán bộ một cửa: uploads, searches, reuses
    SIGNER = "signer"  # văn thư: confirms and signs outgoing documents
    AUDITOR = "auditor"  # thanh tra: reads everything, changes nothing
    OPERATOR = "operator"  # quản trị: keeps the service running


class Permission(StrEnum):
    """One thing that routes and commands ask for; roles are sets of these (see `digitise/web/auth.py`)."""

    READ_DOCUMENTS = "read_documents"
    READ_IDENTIFIERS = "read_identifiers"
    ADD_DOCUMENTS = "add_documents"
    CORRECT_DOCUMENTS = "correct_documents"
    REUSE = "reuse"
    VERIFY = "verify"
    READ_OUTGOING = "read_outgoing"
    EDIT_OUTGOING = "edit_outgoing"
    SIGN = "sign"
    READ_REPORTS = "read_reports"
    READ_AUDIT = "read_audit"
    OPERATE = "operate"


_READ = {Permission.READ_DOCUMENTS, Permission.READ_OUTGOING, Permission.READ_REPORTS, Permission.VERIFY}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: frozenset(
        {*_READ, Permission.READ_IDENTIFIERS, Permission.ADD_DOCUMENTS, Permission.CORRECT_DOCUMENTS, Permission.REUSE}
    ),
    Role.SIGNER: frozenset({*_READ, Permission.ADD_DOCUMENTS, Permission.EDIT_OUTGOING, Permission.SIGN}),
    Role.AUDITOR: frozenset({*_READ, Permission.READ_AUDIT}),
    Role.OPERATOR: frozenset({*_READ, Permission.READ_AUDIT, Permission.OPERATE}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts, as the audit log names it; `unit` None means every unit."""

    name: str
    roles: frozenset[Role] = frozenset()
    unit: str | None = None

    def may(self, permission: Permission) -> bool:
        """Say whether one of the actor's roles grants `permission`."""
        return any(permission in PERMISSIONS[role] for role in self.roles)


SYSTEM = Actor("system", frozenset(Role))  # the workers themselves
LOCAL_OPERATOR = Actor("cli", frozenset(Role))  # whoever has a shell on the data directory
