"""Forms: form-js JSON read with findings, checked on the server with the rights of a task, and described for a page to draw.

Pure: no HTML, no Flask. A page asks ``Form.fields`` what to draw and ``collect`` what was sent; ``Form.check`` decides.
"""

from engine.forms.checking import CheckedForm
from engine.forms.components import Component, Kind, Option
from engine.forms.form import Form
from engine.forms.judging import FieldError
from engine.forms.posting import collect
from engine.forms.reading import FormRefused, read
from engine.forms.rights import Right, Rights, parse_rights, right_of
from engine.forms.showing import Field

__all__ = [
    "CheckedForm",
    "Component",
    "Field",
    "FieldError",
    "Form",
    "FormRefused",
    "Kind",
    "Option",
    "Right",
    "Rights",
    "collect",
    "parse_rights",
    "read",
    "right_of",
]
