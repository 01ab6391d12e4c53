"""Read samples: what is kept (``ledger``), what is asked for and lent (``lending``)."""
