"""Every sentence that a page asks for exists in both languages."""

import re
from pathlib import Path

import pytest

from digitise.messages import has

WEB = Path(__file__).parents[2] / "digitise" / "web"
KEY = re.compile(r"""["']((?:web\w*|reasons|sign|report)\.[\w.\-]+)["']""")


def keys() -> list[str]:
    found: set[str] = set()
    for file in [*WEB.rglob("*.html"), *WEB.rglob("*.py")]:
        names = set(KEY.findall(file.read_text(encoding="utf-8")))
        # In Python, `report.read` and its like are names of audit entries; only templates speak other rooms' words.
        found |= {name for name in names if file.suffix == ".html" or name.startswith("web")}
    return sorted(key for key in found if not key.endswith("."))


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_key_of_the_templates_has_its_sentence(lang: str) -> None:
    prefixes = {"web.verdict", "web.state", "sign.state"}  # completed by a value in the template
    missing = [key for key in keys() if key not in prefixes and not has(key, lang)]
    assert missing == []
