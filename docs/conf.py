"""The configuration of Sphinx."""

import os
import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "pytest-stssaml"
author = "The pytest-stssaml contributors"
copyright = "2026, the pytest-stssaml contributors"
release = version = version_of("pytest-stssaml")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton", "stssaml_docs"]
exclude_patterns = ["_build", "_ext", "requirements.txt"]
root_doc = "index"
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist", "substitution"]
myst_substitutions = {"version": version}
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autoclass_content = "class"
default_role = "literal"  # in a docstring, a name between single backticks is code
python_display_short_literal_types = True
python_maximum_signature_line_length = 100

copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
copybutton_remove_prompts = True

html_theme = "furo"
html_baseurl = os.environ.get("READTHEDOCS_CANONICAL_URL", "")
html_title = f"pytest-stssaml {release}"
html_static_path = ["_static"]
html_css_files = ["stssaml.css"]
html_js_files = [("stssaml.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": False}
