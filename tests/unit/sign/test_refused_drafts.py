"""Drafts with scripts, launches, XFA forms or a password never enter the register."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from digitise.errors import RefusedInput
from digitise.sign.signature import Tools
from tests.pki import blank_pdf
from tests.unit.sign.room import office


def _script(pdf: Any) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _launch(pdf: Any) -> None:
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 9, 9],
        A=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe"),
    )
    pdf.pages[0].Annots = pikepdf.Array([link])


def _xfa(pdf: Any) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA="<xdp/>")


@pytest.mark.parametrize("change", [_script, _launch, _xfa, None], ids=["script", "launch", "xfa", "encrypted"])
def test_active_and_encrypted_files_are_not_registered(change: Any, tmp_path: Path, tools: Tools) -> None:
    place = office(tmp_path, tools)
    file = tmp_path / "draft.pdf"
    with pikepdf.open(BytesIO(blank_pdf("draft"))) as pdf:
        if change:
            change(pdf)
        pdf.save(file, encryption=False if change else pikepdf.Encryption(owner="x", user="y"))
    with pytest.raises(RefusedInput):
        place.add("draft", pdf=file.read_bytes())
    assert place.register.counts() == {}
