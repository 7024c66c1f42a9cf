"""One question a file: SQL over the store in, pandas frames out; every number says what it rests on."""
