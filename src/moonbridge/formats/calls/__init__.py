"""Selection problems as files: TOML for people, JSON for programs, CSV for spreadsheets; scores as CSV."""
