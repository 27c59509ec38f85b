"""Check signatures: of a PDF that is not kept, and the verdicts kept with documents; the list of reasons."""

from typing import Any

from fastapi import APIRouter, Request

from digitise.errors import UsageError
from digitise.messages import area
from digitise.web.api.shapes import DocumentId
from digitise.web.auth import Reader, SignedIn, Using, Verifier, document_for
from digitise.web.checking import check_files
from digitise.web.language import language

router = APIRouter(tags=["signatures"])

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "PDF; may be repeated"}
                    },
                }
            }
        },
    }
}


@router.post("/verifications", openapi_extra=BODY)
def verify(request: Request, services: Using, actor: Verifier) -> dict[str, Any]:
    """Check the signatures of PDFs that are not kept; the answer is that of `digitise verify --json`."""
    checked = check_files(request, services)
    if not checked:
        raise UsageError("one_file")
    if len(checked) == 1 and checked[0].error is not None:
        raise checked[0].error
    lang = language(request)
    files = []
    for one in checked:
        if one.examined is not None:
            files.append(one.examined.verdict.to_json(lang))
        elif one.error is not None:
            files.append(
                {"file": one.file_name, "outcome": "error", "reasons": [{"code": one.error.code, "message": ""}]}
            )
    return {"files": files}


@router.get("/documents/{document_id}/verdicts")
def verdicts(document_id: DocumentId, request: Request, services: Using, actor: Reader) -> dict[str, Any]:
    """List the verdicts about a document, newest first."""
    document = document_for(services, actor, document_id)
    lang = language(request)
    held = services.verdicts.of_document(document.id)
    return {"items": [{"id": verdict_id, **verdict.to_json(lang)} for verdict_id, verdict in held]}


@router.get("/reasons")
def reasons(request: Request, actor: SignedIn) -> dict[str, Any]:
    """List every reason code with its sentence and what to do, in the caller's language."""
    sentences = area(language(request), "reasons")
    codes = [key.removesuffix(".what") for key in sentences if key.endswith(".what")]
    return {
        "items": [
            {"code": code, "message": sentences[f"{code}.what"], "todo": sentences.get(f"{code}.todo", "")}
            for code in codes
        ]
    }
