"""Who may do what with samples."""
