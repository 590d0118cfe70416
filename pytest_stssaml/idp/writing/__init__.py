"""Writing responses, metadata and login pages as strings, in the form of a shape.

The strings are written here and not by an XML library, since a shape is a matter of raw bytes: the order of attributes,
the notation of empty tags, and line breaks inside of signatures, none of which lxml keeps. signxml cannot sign two of
the shapes, and as the library that verifies it must not sign: a mistake of one side must not cancel itself out on the
other.
"""
