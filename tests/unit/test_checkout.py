"""The repository itself: packages of this checkout, locks without hosts, a command line that starts at once."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("name", ["digitise", "storage", "workers"])
def test_packages_with_common_names_are_those_of_this_checkout(name: str) -> None:
    package = importlib.import_module(name)
    assert Path(str(package.__file__)).parent == ROOT / name


@pytest.mark.parametrize(
    "lock", ["requirements.txt", "requirements-dev.txt", "requirements-build.txt", "requirements-npm.txt"]
)
def test_locks_hold_exact_versions_with_hashes_and_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text()
    named = re.findall(r"^([\w.-]+(?:\[[\w,-]+\])?)==([^\s;]+)", text, re.M)
    lines = [line for line in text.splitlines() if re.match(r"[\w.-]", line)]
    assert len(named) == len(lines) > 0
    assert text.count("--hash=sha256:") >= len(named)
    assert not re.search(r"\w+://|index-url", text)


def test_the_locks_agree_with_each_other() -> None:
    product = set(re.findall(r"^([\w.-]+==[^\s\\]+)", (ROOT / "requirements.txt").read_text(), re.M))
    everything = set(re.findall(r"^([\w.-]+==[^\s\\]+)", (ROOT / "requirements-dev.txt").read_text(), re.M))
    assert product <= everything


def test_no_committed_file_holds_a_path_of_one_machine_or_a_private_key() -> None:
    private = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE " + rb"KEY-----|(?<![\w.])/(?:work|farm)/(?:main|shared)")
    guilty = [str(f.relative_to(ROOT)) for f in committed() if private.search(f.read_bytes())]
    assert guilty == []


def test_no_trust_anchor_ships_with_us() -> None:
    endings = {".pem", ".crt", ".cer", ".der", ".p7b", ".p12", ".pfx", ".jks"}
    assert [str(f) for f in committed() if f.suffix.lower() in endings] == []


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom digitise.cli.entry import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "heavy = {'cv2', 'numpy', 'pyhanko', 'tesserocr', 'fastapi', 'sqlalchemy', 'rq', 'PIL', 'pypdfium2', 'pydantic'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    for command in ("up", "scan", "verify", "sign", "report", "doctor"):
        assert f"  {command} " in done.stdout
