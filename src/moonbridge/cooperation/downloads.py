"""Hand things out as downloads: saved, never shown in the visitor's browser, never taken for anything else."""

from typing import Any, Final

from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from moonbridge.formats import paper
from moonbridge.record import queries as record

_SANDBOX: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def kept_file(kept: Any) -> FileResponse:
    """Return an uploaded file (a row with ``file``, ``name`` and ``media_type``), sandboxed should a browser open it after all."""
    return FileResponse(
        kept.file.open("rb"), as_attachment=True, filename=kept.name, content_type=kept.media_type, headers=_SANDBOX
    )


def pdf_file(document: paper.Paper, name: str) -> HttpResponse:
    """Return a paper as a PDF file."""
    content = paper.pdf(document)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    headers = _SANDBOX | {"Content-Disposition": disposition or "attachment"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def json_file(content: dict[str, Any], name: str) -> JsonResponse:
    """Return ``content`` as a JSON file that people can read as well."""
    return JsonResponse(
        content, json_dumps_params={"ensure_ascii": False, "indent": 1},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def record_chain(chain: str, name: str) -> StreamingHttpResponse:
    """Return a chain of the record as a file that verifies by itself."""
    answer = StreamingHttpResponse(record.exported(chain), content_type="application/jsonl")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
