"""Reviewing: who may judge what, who judges it best, and what the judgements say once the judges are allowed for."""
