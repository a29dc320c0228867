"""Forms: one cell map shared by writer and reader, signed headers, stamping, extraction."""
