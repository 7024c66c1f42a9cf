"""One file a format that analysts bring, and what they share: opening, decoding, and the fields of a record."""
