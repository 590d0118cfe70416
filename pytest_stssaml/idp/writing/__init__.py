"""Writing responses, metadata and login pages as strings, in the form of a shape.

No XML library writes these strings, since a shape is a matter of raw bytes: the order of attributes, the notation of
empty tags, and line breaks inside signatures. lxml keeps none of these. signxml cannot sign with the PrefixList of two
of the shapes. It also verifies the signatures, so it must not write them: a mistake in it would cancel itself out.
"""
