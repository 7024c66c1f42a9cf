"""What each command of the command line does. Results go to stdout, talk goes to stderr."""
