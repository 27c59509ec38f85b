"""Sentences for people, by key, in Vietnamese and English.

Keys are `<area>.<name>`, where area is a file of `digitise/locale/<lang>/<area>.toml`. Placeholders are
`str.format` names. `tests/unit/test_messages.py` holds both languages to the same keys and placeholders.
"""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from digitise.errors import DigitiseError

LANGUAGES = ("vi", "en")


@cache
def area(lang: str, name: str) -> dict[str, str]:
    """Return the flat `key → sentence` table of one area; nested TOML tables join with dots."""
    file = resources.files("digitise") / "locale" / lang / f"{name}.toml"
    if not file.is_file():
        return {}
    return dict(_flatten(tomllib.loads(file.read_text(encoding="utf-8"))))


def _flatten(table: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs += _flatten(value, f"{prefix}{key}.")
        else:
            pairs.append((prefix + key, str(value)))
    return pairs


def has(key: str, lang: str = "vi") -> bool:
    """Say whether `key` has a sentence in `lang`."""
    name, _, rest = key.partition(".")
    return rest in area(lang, name)


def text(key: str, lang: str = "vi", /, **values: object) -> str:
    """Return the sentence of `key` with `values` filled in; the key itself where there is none."""
    name, _, rest = key.partition(".")
    template = area(lang, name).get(rest) or area("vi", name).get(rest)
    if template is None:
        return key
    return template.format_map(_Known(values))


class _Known(dict[str, object]):
    """Leaves unknown placeholders visible instead of failing while an error is being told."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class _Forgotten(dict[str, object]):
    """What a kept error no longer knows shows as an ellipsis."""

    def __missing__(self, key: str) -> str:
        return "…"


_KEPT = re.compile(r"(?P<code>\w+): (?P<reason>.*?)(?: ?\((?P<details>\w+=.*)\))?$", re.S)


def kept_error_text(kept: str | None, lang: str = "vi") -> str:
    """Return the sentence of an error that was kept as `<code>: <reason> (<name>=<value>, …)`; anything else as it is."""
    found = _KEPT.match(kept or "")
    if found is None:
        return kept or ""
    code, reason = found["code"], found["reason"]
    specific, default = f"errors.{code}.{reason}", f"errors.{code}.default"
    key = specific if reason and has(specific, lang) else default
    if not has(key, lang):
        return kept or ""
    details = dict(pair.split("=", 1) for pair in (found["details"] or "").split(", ") if "=" in pair)
    name, _, rest = key.partition(".")
    return area(lang, name)[rest].format_map(_Forgotten({"reason": reason, **details}))


def error_text(error: DigitiseError, lang: str = "vi", **shown: object) -> str:
    """Return what happened, to which file, and what to do next, as one or two sentences; `shown` replaces details."""
    specific = f"{error.message_key}.{error.reason}"
    key = specific if error.reason and has(specific, lang) else f"{error.message_key}.default"
    sentence = text(key, lang, reason=error.reason, file=error.file or "", **{**error.details, **shown})
    return f"{error.file}: {sentence}" if error.file else sentence
