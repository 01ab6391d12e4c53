"""Pages of proposals: writing, submitting, the team, files, merging, and the office's list."""
