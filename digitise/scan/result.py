"""What came of one page: its own text, what was read from its image, and how both go into text and layer."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digitise.model.recognition import PageText, Word
from digitise.pdf.page import PageKind
from digitise.scan import words
from digitise.scan.codes import Code


@dataclass(frozen=True, slots=True)
class PageResult:
    """One page after recognition; stored as JSON, one object per page."""

    kind: PageKind
    own: PageText | None  # text that the page had and that is good
    read: PageText | None  # what the recogniser read from the page's image
    warnings: tuple[str, ...]  # of the source; the recogniser's own are in `read`
    codes: tuple[Code, ...] = ()  # QR codes and barcodes, on the first page

    @property
    def text(self) -> PageText:
        """Everything on the page: its own words, then what was read beyond them; with all warnings."""
        page = self._joined()
        warnings = dict.fromkeys((*self.warnings, *page.warnings))
        if self.read is not None:
            warnings.update(dict.fromkeys(_of_reading(self.read, page)))
        return dataclasses.replace(page, warnings=tuple(warnings))

    @property
    def layer(self) -> PageText | None:
        """What must be laid over the page as invisible text; None where its own text does."""
        if self.read is None:
            return None
        return self.read if self.own is None else _beyond(self.read, self.own)

    def _joined(self) -> PageText:
        if self.read is None:
            assert self.own is not None
            return self.own
        if self.own is None:
            return self.read
        beyond = _beyond(self.read, self.own)
        own = _scaled(self.own, self.read)
        first = 1 + max((word.line for word in own), default=-1)
        more = (dataclasses.replace(word, line=word.line + first) for word in beyond.words)
        return dataclasses.replace(beyond, words=(*own, *more))

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain data."""
        return {
            "kind": self.kind.value,
            "own": words.to_json(self.own) if self.own else None,
            "read": words.to_json(self.read) if self.read else None,
            "warnings": list(self.warnings),
            "codes": [[code.text, code.format, code.box] for code in self.codes],
        }


def from_json(data: Mapping[str, Any]) -> PageResult:
    """Return the result that `to_json` described."""
    own, read = data.get("own"), data.get("read")
    return PageResult(
        PageKind(data["kind"]),
        words.from_json(own) if own else None,
        words.from_json(read) if read else None,
        tuple(data.get("warnings") or ()),
        tuple(Code(text, kind, tuple(box)) for text, kind, box in data.get("codes") or ()),
    )


def failed(reason: str) -> PageResult:
    """Return the result of a page that could not be read: it stays in the document as a picture."""
    empty = PageText(1, 1, 72.0, 0, 0.0, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), (), "", "")
    return PageResult(PageKind.BLANK, empty, None, ("page_failed", reason))


_SKEW_DEGREES = 2.0  # askew so far that a clerk should be told
_EDGE_PIXELS = 3  # a word nearer than this to the picture's edge goes on beyond it
_CUT_WORDS = 3  # of so many words on one edge, the paper lay wrong
_DOUBTFUL = 0.25  # part of a page's words


def _of_reading(read: PageText, page: PageText) -> list[str]:
    """Return what the reading says against the scan, while the paper is still at hand (C3)."""
    found = [] if page.words else ["blank"]
    found += ["rotated"] if read.rotation else []
    found += ["skewed"] if abs(read.skew) >= _SKEW_DEGREES else []
    edges = (
        [word.box[0] < _EDGE_PIXELS for word in read.words],
        [word.box[1] < _EDGE_PIXELS for word in read.words],
        [word.box[2] > read.width - _EDGE_PIXELS for word in read.words],
        [word.box[3] > read.height - _EDGE_PIXELS for word in read.words],
    )
    found += ["cut_edge"] if any(sum(edge) >= _CUT_WORDS for edge in edges) else []
    doubtful = sum(1 for word in read.words if word.doubtful)
    return [*found, "doubtful"] if doubtful >= 10 and doubtful > _DOUBTFUL * len(read.words) else found


def _scaled(own: PageText, to: PageText) -> tuple[Word, ...]:
    x, y = to.width / own.width, to.height / own.height
    return tuple(
        dataclasses.replace(
            word,
            box=(word.box[0] * x, word.box[1] * y, word.box[2] * x, word.box[3] * y),
            upright=(word.upright[0] * x, word.upright[1] * y, word.upright[2] * x, word.upright[3] * y),
        )
        for word in own.words
    )


def _beyond(read: PageText, own: PageText) -> PageText:
    """Return `read` without the words that lie on a word of `own`."""
    boxes = [word.box for word in _scaled(own, read)]

    def covered(word: Word) -> bool:
        x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
        return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in boxes)

    return dataclasses.replace(read, words=tuple(word for word in read.words if not covered(word)))
