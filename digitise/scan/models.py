"""Where Tesseract's language data is found, and which of it is used."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from digitise.errors import EngineUnavailable
from digitise.settings import Settings

BEST = Path(sys.prefix) / "share" / "digitise" / "tessdata"  # scripts/setup puts the best (integer) models here
SYSTEM = tuple(
    Path(root)
    for root in (
        "/usr/share/tesseract-ocr/5/tessdata",
        "/usr/share/tesseract-ocr/4.00/tessdata",
        "/usr/share/tessdata",
        "/usr/local/share/tessdata",
        "/opt/homebrew/share/tessdata",
    )
)
PACKAGES = {"vie": "tesseract-ocr-vie", "eng": "tesseract-ocr-eng", "osd": "tesseract-ocr-osd"}


@dataclass(frozen=True, slots=True)
class Model:
    """One directory of traineddata that holds every language asked for."""

    directory: Path
    languages: str
    digest: str  # first 12 hex digits of the SHA-256 over all files, in order of languages


def choose(settings: Settings) -> Model:
    """Return the model in force; raises EngineUnavailable that names the missing Debian package."""
    wanted = settings.ocr_languages.split("+")
    roots = _roots(settings)
    for root in roots:
        if all(file(root, language).is_file() for language in wanted):
            return Model(root, settings.ocr_languages, digest(root, tuple(wanted)))
    missing = next(
        (name for name in wanted if not any(file(root, name).is_file() for root in roots)), settings.ocr_languages
    )
    package = PACKAGES.get(missing, f"tesseract-ocr-{missing}")
    raise EngineUnavailable("language", language=missing, package=package, looked=", ".join(map(str, roots)))


def another(settings: Settings) -> Model | None:
    """Return a second model of the same languages, trained apart from the one in force; None where none is installed.

    With `ocr_tessdata` of one's own nothing else is looked for.
    """
    if settings.ocr_tessdata:
        return None
    chosen, wanted = choose(settings), settings.ocr_languages.split("+")
    for root in (BEST, *system_directories()):
        if all(file(root, language).is_file() for language in wanted):
            found = Model(root, settings.ocr_languages, digest(root, tuple(wanted)))
            if found.digest != chosen.digest:
                return found
    return None


def _roots(settings: Settings) -> tuple[Path, ...]:
    if settings.ocr_tessdata:
        return (settings.ocr_tessdata,)
    return {"best": (BEST,), "fast": system_directories(), "auto": (BEST, *system_directories())}[settings.ocr_model]


def orientation_directory() -> Path | None:
    """Return the directory with Tesseract's orientation data, if it is installed."""
    return next((root for root in (BEST, *system_directories()) if file(root, "osd").is_file()), None)


def file(root: Path, language: str) -> Path:
    """Return the path of one language's data."""
    return root / f"{language}.traineddata"


@cache
def digest(root: Path, languages: tuple[str, ...]) -> str:
    """Return 12 hex digits that change when any byte of the model does."""
    total = hashlib.sha256()
    for language in languages:
        total.update(file(root, language).read_bytes())
    return total.hexdigest()[:12]


@cache
def system_directories() -> tuple[Path, ...]:
    """Return the tessdata directories of the installed Tesseract, the one that it names itself first."""
    named: tuple[Path, ...] = ()
    try:
        said = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
        first = (said.stdout or said.stderr).splitlines()[:1]
        if first and '"' in first[0]:
            named = (Path(first[0].split('"')[1]),)
    except (OSError, subprocess.SubprocessError):
        named = ()
    return tuple(dict.fromkeys(root for root in (*named, *SYSTEM) if root.is_dir()))
