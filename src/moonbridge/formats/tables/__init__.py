"""Tables that people fill in with a spreadsheet: read from CSV or XLSX cell by cell, written so that no cell can act."""

from moonbridge.formats.tables.reading import MAX_BYTES, Row, Table, read
from moonbridge.formats.tables.writing import csv_bytes, xlsx_bytes

__all__ = ["MAX_BYTES", "Row", "Table", "csv_bytes", "read", "xlsx_bytes"]
