"""Torture of the real thing: races through HTTP, a database server that is killed, a disk that is full. Each on a scratch server."""
