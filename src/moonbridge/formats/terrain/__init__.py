"""Files of terrain: read what the data providers publish, fetch and keep it, and write maps with their provenance."""
