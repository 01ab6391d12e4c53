"""What may be done with the catalogue: load it, and keep what the search knows."""

from moonbridge.cooperation.programmes.actions.loading import Loaded, load_catalogue
from moonbridge.cooperation.programmes.actions.searching import Document, put_documents, remove_documents

__all__ = ["Document", "Loaded", "load_catalogue", "put_documents", "remove_documents"]
