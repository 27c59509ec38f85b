"""What is wrong with the service and what to do: for `digitise doctor` and the operator's page.

Each check is a function that returns nothing when all is well, raises a DigitiseError when it is not, or returns a
message key with values when something wants attention soon (or a `Told`, when all is well and worth a word).
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitise.errors import DigitiseError, DiskFull, EngineUnavailable, TimestampUnavailable
from digitise.messages import error_text, has, text
from digitise.model.verdicts import VIETNAM

if TYPE_CHECKING:
    from digitise.bootstrap import Services


TSA_LOOK_SECONDS = 2.0  # an authority that takes no connection for this long holds up signing, and this page


@dataclass(frozen=True, slots=True)
class Told:
    """All is well; `key` says more than that."""

    key: str
    values: dict[str, Any]


Warning_ = tuple[str, dict[str, Any]] | Told | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the health page; `state` is ok, warning or bad."""

    name: str
    title: str
    state: str
    told: str
    todo: str = ""


def examine(served: "Services", lang: str = "vi") -> list[Finding]:
    """Run every check; none of them stops the others."""
    return [_run(name, check, served, lang) for name, check in CHECKS.items()]


def _run(name: str, check: "Callable[[Services], Warning_]", served: "Services", lang: str) -> Finding:
    title = text(f"health.{name}.title", lang)
    try:
        warning = check(served)
    except DigitiseError as error:
        key = f"health.{name}.todo"
        return Finding(name, title, "bad", error_text(error, lang), text(key, lang) if has(key) else "")
    if isinstance(warning, Told):
        values = {name: _yes(value, lang) for name, value in warning.values.items()}
        return Finding(name, title, "ok", text(f"health.{warning.key}", lang, **values))
    if warning:
        key, values = warning
        return Finding(name, title, "warning", text(f"health.{key}", lang, **values), text(f"health.{name}.todo", lang))
    return Finding(name, title, "ok", text("health.fine", lang))


def _yes(value: Any, lang: str) -> Any:
    return text(f"health.{'yes' if value else 'no'}", lang) if isinstance(value, bool) else value


def _database(served: "Services") -> Warning_:
    from storage.database import current, head

    revision = current(served.database)
    return None if revision == head() else ("not_migrated", {"at": revision or "–", "head": head()})


def _store(served: "Services") -> Warning_:
    served.store.check()
    return Told("store_does", asdict(served.store.features()))


def _queue(served: "Services") -> Warning_:
    served.hints.check()
    return None


def _engine(served: "Services") -> Warning_:
    from digitise.scan.engines import open_engine

    _ = open_engine(served.settings).key
    return None


def _fonts(_served: "Services") -> Warning_:
    found = (
        subprocess.run(["fc-match", "-f", "%{family}", "Tinos"], capture_output=True, text=True, check=False).stdout
        if shutil.which("fc-match")
        else ""
    )
    there = "Tinos" in found or any(Path("/usr/share/fonts").rglob("Tinos-Regular.ttf"))
    if not there:
        raise EngineUnavailable("font")
    return None


def _disk(served: "Services") -> Warning_:
    folder = served.settings.data if served.settings.data.exists() else Path()
    free = shutil.disk_usage(folder).free
    if free < served.settings.min_free_bytes:
        raise DiskFull("data", free=free >> 20)
    return ("disk_low", {"free": free >> 20}) if free < 4 * served.settings.min_free_bytes else None


def _children(_served: "Services") -> Warning_:
    from digitise.child import enforced

    missing = [name for name, held in enforced().items() if not held]
    return ("limits_missing", {"names": ", ".join(missing)}) if missing else None


def _work(served: "Services") -> Warning_:
    from digitise.model.tasks import TaskState

    failed = sum(served.tasks.counts([TaskState.QUARANTINED]).values())
    return ("work_failed", {"count": failed}) if failed else None


def _keys(served: "Services") -> Warning_:
    from digitise.sign.known_keys import ending

    known = served.known_keys.all()
    broken = [key.name for key in known if key.problem]
    if broken:
        return ("keys_broken", {"names": ", ".join(broken)})
    soon = ending(known, served.clock(), within=timedelta(days=served.settings.key_warn_days))
    return ("keys_expire", {"names": ", ".join(soon)}) if soon else None


def _trust(served: "Services") -> Warning_:
    return None if served.trust.anchors() else ("no_anchor", {})


def _timestamps(served: "Services") -> Warning_:
    """Say which time-stamping authorities take no connection; none is asked for a token, which may cost."""
    urls = served.settings.tsa_urls
    if not urls:
        return ("no_tsa", {}) if served.known_keys.all() else None
    away = [url for url in urls if not _connects(url)]
    if len(away) == len(urls):
        raise TimestampUnavailable("none_connects", tried=", ".join(away))
    return ("tsa_away", {"names": ", ".join(away)}) if away else None


def _connects(url: str) -> bool:
    import httpx

    try:
        httpx.head(url, timeout=TSA_LOOK_SECONDS, follow_redirects=False)
    except httpx.ReadTimeout:
        return True  # it is there, and slow as some are
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return False
    return True


def _revocation(served: "Services") -> Warning_:
    """Say how old the revocation lists are that verdicts rest upon."""
    from digitise.verify.evidence import read_crl_folder

    settings = served.settings
    if settings.crl_folder is None:
        if settings.verify_offline:
            return ("crl_offline", {})
        count, newest = served.trust.answers.kept_lists()
        return Told("crl_kept", {"count": count, "at": _day(newest)}) if newest else None
    ends = sorted(filter(None, map(_next_update, read_crl_folder(settings.crl_folder))))
    if not ends:
        return ("crl_none", {"folder": settings.crl_folder})
    over = [end for end in ends if end < served.clock()]
    if over:
        return ("crl_old", {"count": len(over), "at": _day(over[0])})
    return Told("crl_fresh", {"count": len(ends), "at": _day(ends[0])})


def _next_update(der: bytes) -> datetime | None:
    from asn1crypto import crl

    try:
        found: datetime | None = crl.CertificateList.load(der)["tbs_cert_list"]["next_update"].native
    except (ValueError, TypeError, KeyError):
        return None
    return found


def _day(at: datetime) -> str:
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y")


CHECKS: "dict[str, Callable[[Services], Warning_]]" = {
    "database": _database,
    "store": _store,
    "queue": _queue,
    "engine": _engine,
    "fonts": _fonts,
    "disk": _disk,
    "children": _children,
    "work": _work,
    "trust": _trust,
    "revocation": _revocation,
    "timestamps": _timestamps,
    "keys": _keys,
}
