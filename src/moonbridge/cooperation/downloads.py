"""Hand things out as downloads: saved, never shown in the visitor's browser, never taken for anything else."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.http import FileResponse, Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from moonbridge.engines.ledger.seal import canonical
from moonbridge.formats import paper, tables
from moonbridge.formats.tables.writing import Value
from moonbridge.record import queries as record

_SANDBOX: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_TABLES: Final = {
    "csv": (tables.csv_bytes, "text/csv; charset=utf-8"),
    "xlsx": (tables.xlsx_bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def kept_file(kept: Any) -> FileResponse:
    """Return an uploaded file (a row with ``file``, ``name`` and ``media_type``), sandboxed should a browser open it after all."""
    return FileResponse(
        kept.file.open("rb"), as_attachment=True, filename=kept.name, content_type=kept.media_type, headers=_SANDBOX
    )


def pdf_file(document: paper.Paper, name: str) -> HttpResponse:
    """Return a paper as a PDF file."""
    return pdf_bytes(paper.pdf(document), name)


def pdf_bytes(content: bytes, name: str) -> HttpResponse:
    """Return what is a PDF file already, such as a sheet of labels."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    headers = _SANDBOX | {"Content-Disposition": disposition or "attachment"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def table_file(name: str, ending: str, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> HttpResponse:
    """Return a table as a download called ``name`` with the ``ending`` ``csv`` or ``xlsx``; any other is an address of nothing."""
    if ending not in _TABLES:
        raise Http404
    write, media_type = _TABLES[ending]
    disposition = content_disposition_header(as_attachment=True, filename=f"{name}.{ending}")
    return HttpResponse(
        write(header, rows), content_type=media_type, headers={"Content-Disposition": disposition or "attachment"}
    )


def json_file(content: dict[str, Any], name: str) -> JsonResponse:
    """Return ``content`` as a JSON file that people can read as well."""
    return JsonResponse(
        content, json_dumps_params={"ensure_ascii": False, "indent": 1},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def json_line(content: dict[str, Any], name: str) -> HttpResponse:
    """Return ``content`` as a file of one line of JSON, as ``moonbridge record verify`` reads it."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    headers = {"Content-Disposition": disposition or "attachment"}
    return HttpResponse(canonical(content) + b"\n", content_type="application/json", headers=headers)


def record_chain(chain: str, name: str) -> StreamingHttpResponse:
    """Return a chain of the record as a file that verifies by itself."""
    answer = StreamingHttpResponse(record.exported(chain), content_type="application/jsonl")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
