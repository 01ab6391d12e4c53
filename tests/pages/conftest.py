from browser import browser, playwright, visitor

__all__ = ["browser", "playwright", "visitor"]
