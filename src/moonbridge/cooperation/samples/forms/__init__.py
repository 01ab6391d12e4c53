"""What people write about samples."""
