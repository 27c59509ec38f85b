"""Where things are kept: objects, rows, the full-text index, the audit log."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # mypy proves here that each adapter fits its seam
    from digitise.ports import AuditLog, Catalogue, ReuseLog, Search, Tasks
    from storage.audit import SqlAuditLog
    from storage.catalogue import SqlCatalogue
    from storage.local import LocalStore
    from storage.objects import Store
    from storage.reuse import SqlReuseLog
    from storage.s3 import S3Store
    from storage.search import SqlSearch
    from storage.tasks import SqlTasks

    _STORES: tuple[type[Store], ...] = (LocalStore, S3Store)
    _CATALOGUE: type[Catalogue] = SqlCatalogue
    _TASKS: type[Tasks] = SqlTasks
    _SEARCH: type[Search] = SqlSearch
    _REUSE: type[ReuseLog] = SqlReuseLog
    _AUDIT: type[AuditLog] = SqlAuditLog
