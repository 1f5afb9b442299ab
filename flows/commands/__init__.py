"""The commands of the command line, by what they are for; each is a few lines."""
