"""Every screen with the state it is looked at in: address and who looks."""

from tests.web.conftest import World

NAMES = [  # the names alone: the addresses need a filled service
    "account",
    "api-docs",
    "audit",
    "check",
    "digitisation",
    "document",
    "document-auditor",
    "document-edit",
    "document-failed",
    "document-page-2",
    "dossiers",
    "exceptions",
    "figures",
    "health",
    "jobs",
    "keys",
    "login",
    "not-allowed",
    "not-found",
    "outgoing",
    "outgoing-document",
    "outgoing-new",
    "outgoing-none",
    "outgoing-waiting",
    "people",
    "report-rows",
    "reuse",
    "review",
    "search",
    "search-error",
    "search-hits",
    "search-nothing",
    "sign-rules",
    "signed-share",
    "signed-share-error",
    "signed-share-nothing",
    "todo-clerk",
    "todo-operator",
    "trust",
    "upload",
    "verify",
]


def screens(world: World) -> dict[str, tuple[str, str]]:
    """Return name → (person, address)."""
    document = world.documents[0]
    waiting = next(one for one in world.services.outgoing.list(_all()).items if one.sha256)
    return {
        "login": ("", "/login"),
        "check": ("", "/check"),
        "todo-clerk": ("lan", "/"),
        "todo-operator": ("dung", "/"),
        "account": ("lan", "/account"),
        "upload": ("lan", "/upload?dossier=H53.12-220915-0007"),
        "reuse": ("lan", "/reuse"),
        "search": ("lan", "/search"),
        "search-hits": ("lan", "/search?q=quyet+dinh"),
        "search-nothing": ("lan", "/search?q=khongcotunay&kind=CV"),
        "search-error": ("lan", "/search?from=khong"),
        "document": ("lan", f"/documents/{document}"),
        "document-page-2": ("lan", f"/documents/{world.documents[-1]}?page=2"),
        "document-failed": ("lan", f"/documents/{world.documents[1]}"),
        "document-auditor": ("thanh", f"/documents/{document}"),
        "document-edit": ("lan", f"/documents/{document}/edit"),
        "review": ("lan", f"/documents/{document}/review"),
        "outgoing": ("minh", "/outgoing"),
        "outgoing-waiting": ("minh", "/outgoing?state=waiting"),
        "outgoing-none": ("minh", "/outgoing?q=khongcogi"),
        "outgoing-new": ("minh", "/outgoing/new"),
        "outgoing-document": ("minh", f"/outgoing/{waiting.id}"),
        "sign-rules": ("minh", "/sign/rules"),
        "verify": ("minh", "/verify"),
        "signed-share": ("thanh", "/reports/signed-share"),
        "signed-share-nothing": ("thanh", "/reports/signed-share?period=1999"),
        "signed-share-error": ("thanh", "/reports/signed-share?period=abc"),
        "exceptions": ("thanh", "/reports/exceptions"),
        "dossiers": ("thanh", "/reports/dossiers"),
        "digitisation": ("thanh", "/reports/digitisation"),
        "report-rows": ("thanh", "/reports/rows?indicator=signed-share-A&part=invalid"),
        "figures": ("thanh", "/figures"),
        "health": ("dung", "/admin"),
        "jobs": ("dung", "/admin/jobs"),
        "people": ("dung", "/admin/people"),
        "keys": ("dung", "/admin/keys"),
        "trust": ("dung", "/admin/trust"),
        "audit": ("thanh", "/audit"),
        "not-found": ("lan", "/khong-co-trang-nay"),
        "not-allowed": ("lan", "/admin"),
        "api-docs": ("", "/api/docs"),
    }


def _all():  # type: ignore[no-untyped-def]
    from digitise.sign.register import OutgoingQuery

    return OutgoingQuery(limit=500)
