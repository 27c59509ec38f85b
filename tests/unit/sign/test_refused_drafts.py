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


def _bookmark(pdf: Any) -> None:
    harmless = pdf.make_indirect(pikepdf.Dictionary(Title="1", A=pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=[0])))
    acting = pikepdf.Dictionary(Title="1.1", A=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))
    harmless.First = pdf.make_indirect(acting)
    pdf.Root.Outlines = pdf.make_indirect(pikepdf.Dictionary(First=harmless))


def _field(pdf: Any) -> None:
    """A field that no page shows, whose value is computed by a script."""
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="event.value = 1")
    kid = pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Tx, T="b"))
    parent = pikepdf.Dictionary(T="a", Kids=[kid], AA=pikepdf.Dictionary(C=script))
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[pdf.make_indirect(parent)])


@pytest.mark.parametrize(
    "change",
    [_script, _launch, _xfa, _bookmark, _field, None],
    ids=["script", "launch", "xfa", "bookmark", "field", "encrypted"],
)
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
