"""What people do with samples. Each verb is one transaction that checks, moves mass, writes, and appends to the record."""
