"""Pages of the selection: the office's, everybody's, and each team's letter."""
