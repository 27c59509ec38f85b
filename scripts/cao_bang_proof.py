"""Whoever doubts Cao Bằng's figure: its bundle and its printed report, checked by other people's tools and by ours."""

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.stack import Stack


@dataclass(frozen=True)
class Proven:
    """What the bundle turned out to be: signatures in it, its size."""

    signatures: int
    megabytes: float


def prove(stack: Stack, figure: str, folder: Path, anchors: Path) -> Proven:
    """Write the bundle with its documents, sealed, and check it with ours and with sha256sum, grep and OpenSSL."""
    bundle, opened = folder / "cao-bang-2022.zip", folder / "bundle"
    stack.run("evidence", figure, "-o", str(bundle), "--documents", "--sign", "issue")
    assert stack.run("evidence", "--check", str(bundle))["sound"]
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(opened)
    subprocess.run(["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"], cwd=opened, check=True)
    seal = "openssl cms -verify -purpose any -binary -inform DER -in SHA256SUMS.p7s -content SHA256SUMS -out /dev/null"
    commands = (opened / "signatures" / "openssl.txt").read_text().splitlines()
    some = commands[:: max(1, len(commands) // 40)]  # every one can be run; forty show that they can
    for command in [f"{seal} -CAfile {anchors}", *some]:
        done = subprocess.run(["sh", "-c", command], cwd=opened, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    return Proven(len(commands), bundle.stat().st_size / 1e6)


def print_out(stack: Stack, folder: Path) -> None:
    """Write the report as a signed PDF, and have our own verifier say that it is."""
    pdf = folder / "ty-le-ky-so.pdf"
    command = ["report", "signed-share", "--period", "2022", "--format", "pdf", "--sign", "issue", "-o", str(pdf)]
    digitise = [sys.executable, "-c", "from digitise.cli import main; main()", *command]
    subprocess.run(digitise, env={**os.environ, "DIGITISE_DATA": str(stack.data)}, check=True)
    (judged,) = stack.run("verify", str(pdf))["files"]
    assert judged["outcome"] == "valid", judged["reasons"]
