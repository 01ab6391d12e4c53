"""Pages of samples: the catalogue, requests, loans, returns."""
