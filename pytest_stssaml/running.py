"""What pytest is doing: written by the plugin, read where pytest is not known."""

#: How many pytest runs of this process have the plugin; pytester nests them.
plugins = 0

#: The node id of the test that is running, or None.
test: str | None = None
