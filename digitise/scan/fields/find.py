"""Pages → Fields: which page holds what, and the finders in their order."""

from collections.abc import Sequence
from dataclasses import replace

from digitise.model.recognition import Box, Fields, PageText
from digitise.scan.fields.agree import Document
from digitise.scan.fields.candidate import Candidate
from digitise.scan.fields.foot import Foot, find_foot
from digitise.scan.fields.forms import find_on_forms
from digitise.scan.fields.head import Head, agreeing, begins_document, find_code, find_date, find_head
from digitise.scan.fields.issuer import completed, find_issuer
from digitise.scan.fields.lines import Sheet, sheet_of
from digitise.scan.fields.numbering import find_page_numbers
from digitise.scan.fields.title import Title, find_about, find_abstract, find_title, kind_without_title

MAX_PAGES = 60  # a document with more is a volume; its own head and signer lie in the first of them


def find_fields(pages: Sequence[PageText]) -> Fields:
    """Return the fields of the document on `pages` (one document, in order; pages may be empty).

    Names are those of `FIELD_NAMES` and `code` (number and symbol as one), `recipients`, `page_numbers`, and what forms
    bear: `owner_name`, `owner_id`, `birth_date`, `residence`, `dossier`, `procedure`, `valid_until` ….
    """
    sheets = _one_document(pages)
    made: dict[str, Candidate | None] = {}
    first, head = _first(sheets)
    if first is None:
        return Fields({})
    document = Document([sheet.page for sheet in sheets])
    title = find_title(first, head, document)
    _fill_head(made, first, head, title, document)
    foot = _foot(sheets, first, head, title)
    if foot:
        made |= {"signer": _vouched(foot.signer, document), "signer_title": foot.title, "recipients": foot.recipients}
    made |= find_on_forms(sheets)
    made["page_numbers"] = find_page_numbers(sheets)
    return Fields({name: candidate.field() for name, candidate in made.items() if candidate is not None})


def _vouched(signer: Candidate | None, document: Document) -> Candidate | None:
    """Return the signer, sure only where the name stands elsewhere too: nothing else tells `Hoang` from `Hoàng`."""
    if signer is None or len(document.settle(signer.words, [w.text for w in signer.words])) == len(signer.words):
        return signer
    return replace(signer, doubt=min(signer.doubt, 0.89))


def _one_document(pages: Sequence[PageText]) -> list[Sheet]:
    """Return the pages up to the head of the next document: a volume that was scanned as one file holds many."""
    sheets: list[Sheet] = []
    headed = False
    for number, page in enumerate(pages, 1):
        sheet = sheet_of(page, number)
        begins = bool(sheet.pieces) and begins_document(sheet)
        if (begins and headed) or number > MAX_PAGES:
            break
        headed = headed or begins
        sheets.append(sheet)
    return sheets


def _first(sheets: Sequence[Sheet]) -> tuple[Sheet | None, Head | None]:
    """Return the page that bears the head, else the first page with words."""
    for sheet in sheets:
        if sheet.pieces and (head := find_head(sheet)):
            return sheet, head
    return next((sheet for sheet in sheets if sheet.pieces), None), None


def _fill_head(
    made: dict[str, Candidate | None], sheet: Sheet, head: Head | None, title: Title | None, document: Document
) -> None:
    made["issued_on"], made["place"] = find_date(sheet, head)
    code = about = None
    if head is not None:
        code = find_code(sheet, head)
        made["superior"], issuer = find_issuer(sheet, head, code, document)
        made["issuer"] = completed(issuer, made["place"]) if issuer else None
        about = find_about(sheet, head, code, document)
    if code and title and title.known:
        code = agreeing(code, title.kind.value)
    if code:
        made["number"], made["symbol"] = code.number, code.symbol
        if code.number and code.symbol:
            both = (*code.number.words, *code.symbol.words)
            doubt = min(code.number.doubt, code.symbol.doubt)
            made["code"] = Candidate(f"{code.number.value}/{code.symbol.value}", both, sheet.number, doubt)
    if about is not None and title is None:
        made["kind"], made["abstract"] = kind_without_title(sheet, code, about), about
    elif title is not None:
        made["kind"], made["abstract"] = title.kind, find_abstract(sheet, title, document)
    else:
        made["kind"] = kind_without_title(sheet, code, about)


def _foot(sheets: Sequence[Sheet], first: Sheet, head: Head | None, title: Title | None) -> Foot | None:
    """Return the signer block of the page nearest to the document's end."""
    for sheet in reversed(sheets):
        below = sheet.top - 1
        if sheet is first:
            below = title.rows[-1].y if title else (head.motto_y + 8 * sheet.em if head else below)
        foot = find_foot(sheet, below)
        if foot and (foot.title or foot.signer):
            return foot
    return None


def signer_zone(pages: Sequence[PageText]) -> tuple[int, Box] | None:
    """Return the signer block's 1-based page and its box in the upright frame, for a second look at the ink there."""
    sheets = _one_document(pages)
    first, head = _first(sheets)
    if first is None:
        return None
    title = find_title(first, head, Document([sheet.page for sheet in sheets]))
    for sheet in reversed(sheets):
        foot = find_foot(sheet, title.rows[-1].y if title and sheet is first else sheet.top - 1)
        if foot:
            return sheet.number, foot.zone
    return None
