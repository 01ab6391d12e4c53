"""A selection as one HTML file: to be mailed, filed, printed and read without the web, a script or another file."""

from moonbridge.formats.report.page import report_html, write_report

__all__ = ["report_html", "write_report"]
