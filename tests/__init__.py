"""The tests; a package, because a library that brings a package of this name would otherwise hide it."""
