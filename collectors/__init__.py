"""One file a platform or news source; the file's name is the collector's name."""
