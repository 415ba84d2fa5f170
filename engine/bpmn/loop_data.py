"""Multi-instance data by reference (BPMN 2.0 chapter 10.3.8) -> the names of variables, which is what the machine reads.

``loopDataInputRef`` names a data input or data object by its id. Where the id is that of an element, the variable is the
element's name; where it is none, the text is taken for the variable itself, as SpiffWorkflow's modeller writes it.
"""

import re
from typing import Final

from engine.bpmn.graph import FlowNode, ModelFile
from engine.bpmn.report import CATALOGUE, ERROR, Code, Notebook
from engine.bpmn.vendor import set_banjie
from engine.bpmn.xml import Node

CATALOGUE.add(
    Code(
        "loop-data-unresolved",
        ERROR,
        "{it}的循环数据「{value}」没有可用作变量的名称；请给该数据起名，或用 banjie:collection 写明集合变量",
        "{it}: the loop data “{value}” has no name that can be a variable; name the data, or name the collection in "
        "banjie:collection.",
        "loopDataInputRef and loopDataOutputRef refer to a data object, input or output; its name is the variable. A name "
        "begins with a letter and has letters, digits and underscores.",
    ),
)

_VARIABLE: Final = re.compile(r"[^\W\d]\w{0,119}")
_REFERENCES: Final = (("loopDataInputRef", "collection"), ("loopDataOutputRef", "outputCollection"))


def resolve(model: ModelFile, book: Notebook) -> None:
    """Turn the references of every multi-instance activity of the file into banjie: names."""
    for process in model.executable:
        for node in process.walk():
            loop = node.node.find("multiInstanceLoopCharacteristics")
            if loop is None:
                continue
            for element, attribute in _REFERENCES:
                reference = loop.find(element)
                target = model.elements.get(reference.text.strip()) if reference is not None else None
                if reference is None or target is None:
                    continue
                variable = _variable(model, node, target)
                if variable is None:
                    book.report("loop-data-unresolved", node, value=reference.text.strip())
                else:
                    set_banjie(loop, attribute, variable)
                    reference.remove()


def _variable(model: ModelFile, node: FlowNode, data: Node) -> str | None:
    """Return the variable that a data element stands for; a data input or output stands for what is associated with it."""
    if data.name in ("dataInput", "dataOutput"):
        associated = model.elements.get(_associated(node, data.get("id") or ""))
        if associated is not None and associated.name not in ("dataInput", "dataOutput"):
            data = associated
    names = [data.get("name")]
    if data.name == "dataObjectReference":
        target = model.elements.get(data.get("dataObjectRef") or "")
        names += [target.get("name"), target.get("id")] if target is not None else []
    names.append(data.get("id"))
    return next((name for name in names if name and _VARIABLE.fullmatch(name.strip())), None)


def _associated(node: FlowNode, identifier: str) -> str:
    for association in node.node.find_all("dataInputAssociation", "dataOutputAssociation"):
        ends = [end.text.strip() for end in association.find_all("sourceRef", "targetRef")]
        if identifier in ends:
            return next((end for end in ends if end != identifier), "")
    return ""
