"""What the dialect modules share: the vendors' namespaces, the codes of their findings, and small tools on the tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.bpmn.report import CATALOGUE, ERROR, INFO, WARNING, Code, Ledger, Notebook, Spot
from engine.bpmn.words import Words
from engine.bpmn.xml import BANJIE, BPMN, BPMNDI, DC, DI, XSI, Node

CAMUNDA: Final = "http://camunda.org/schema/1.0/bpmn"
ACTIVITI: Final = "http://activiti.org/bpmn"
FLOWABLE: Final = "http://flowable.org/bpmn"
ZEEBE: Final = "http://camunda.org/schema/zeebe/1.0"
FOX: Final = "http://www.camunda.com/fox"  # what Camunda was called before 2013
FAMILY_7: Final = frozenset({CAMUNDA, ACTIVITI, FLOWABLE, FOX})  # three forks of one engine, one vocabulary

REFUSED: Final = "?"  # stands for a verb or a called process that was refused by name: no rule asks for it again

DROOLS: Final = "http://www.jboss.org/drools"  # jBPM, Red Hat, Kogito
ENGINES: Final[Mapping[str, str]] = {
    CAMUNDA: "camunda",
    ACTIVITI: "activiti",
    FLOWABLE: "flowable",
    ZEEBE: "zeebe",
    FOX: "fox",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "spiffworkflow",
    DROOLS: "drools",
}
SILENT: Final = frozenset(
    {
        XSI,
        BPMNDI,
        DC,
        DI,
        "http://www.w3.org/XML/1998/namespace",
        "http://bpmn.io/schema/bpmn",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        "http://camunda.org/schema/modeler/1.0",
        "http://activiti.com/modeler",
        "http://flowable.org/design",
        "http://flowable.org/modeler",
        "http://www.signavio.com",
    }
)

# What jBPM's modeller writes into every file: how things are called there, and what its Java would need.
_LABELS: Final[Mapping[str, Mapping[str, frozenset[str] | None]]] = {  # space -> name -> harmless values, None for all
    DROOLS: {"packageName": None, "version": None, "adHoc": frozenset({"false"}), "import": None},
}
_META: Final = frozenset({"elementname", "customDescription", "customTags"})


def only_labels(space: str, name: str, value: str) -> bool:
    """Does an attribute of an engine only name things?"""
    known = _LABELS.get(space, {})
    allowed = known.get(name)
    return name in known and (allowed is None or value in allowed)


def is_label(child: "Node") -> bool:
    """Does an extension element of an engine only name things?"""
    if child.space == DROOLS and child.name == "metaData":
        return (child.get("name") or "") in _META or child.all_text() == "false"
    return only_labels(child.space, child.name, "")


CATALOGUE.add(
    Code(
        "vendor-setting-ignored",
        INFO,
        "{what}（共{count}处）只调节原厂引擎的后台作业或历史清理，本引擎不需要，已忽略",
        "{what} ({count} times) only tunes the vendor's job executor or history; it is not needed here and ignored.",
        "Asynchronous continuation, retries, history time to live and the like. Every step here is one transaction and "
        "every outgoing call a job. Nothing to do.",
    ),
    Code(
        "vendor-data-ignored",
        INFO,
        "文件带有建模工具的私有数据（{space}，{count}处），引擎不读取；如果其中有影响执行的设置，请改用 banjie: 属性",
        "The file carries a tool's own data ({space}, {count} places), which the engine does not read; if any of it should "
        "change how the process runs, say it in banjie: attributes.",
        "Extension data of a namespace that no engine dialect uses. Usually layout and documentation.",
    ),
    Code(
        "vendor-behaviour-unsupported",
        ERROR,
        "{it}用了 {what}，引擎不能照做；请删除它，{hint}",
        "{it} uses {what}, which the engine cannot honour; remove it{hint}.",
        "The attribute or element would change how the vendor's engine runs the model. Ignoring it would make the process "
        "silently different, so it must go, or be said in BPMN or banjie: terms.",
    ),
    Code(
        "listener-unsupported",
        ERROR,
        "{it}带有监听器 {what}，引擎不执行监听器；请删除它，需要做的事改画成服务任务或脚本任务",
        "{it} has the listener {what}, which the engine does not run; remove it and draw what it does as a service or "
        "script task.",
        "Task and execution listeners run Java, scripts or expressions beside the diagram. What a process does must be "
        "drawn in it.",
    ),
    Code(
        "implementation-unsupported",
        ERROR,
        "{it}由 {what} 实现，引擎不能执行；请改用 banjie:verb 指明动词（如 case.accept、http.request）",
        "{it} is implemented by {what}, which cannot run here; name a verb in banjie:verb instead "
        "(such as case.accept or http.request).",
        "Java classes, delegate expressions, connectors and built-in vendor tasks (mail, shell, http...) do not exist here. "
        "An external task's topic and a Zeebe job type are taken as the verb.",
    ),
    Code(
        "expression-without-effect",
        ERROR,
        "{it}由 {what} 实现，它只计算一个值，没有人使用；请改成普通任务，或指明动词",
        "{it} is implemented by {what}, which only computes a value that nobody keeps; make it a plain task, or name a verb.",
        "An expression without method calls and without result variable does nothing, often as a placeholder.",
        Words("改成普通任务（到达即完成）", "it becomes a plain task, which completes at once."),
    ),
    Code(
        "call-shares-all",
        INFO,
        "{it}没有写变量映射：这里所有变量都会传入并传回（Camunda 7、Flowable 则一个也不传）；要限制请加 in、out 映射",
        "{it} has no variable mappings: here all variables go in and all come back (Camunda 7 and Flowable pass none); add in "
        "and out mappings to restrict that.",
        "Only said for files with a Camunda 7, Flowable or Activiti namespace, where the default is another one.",
    ),
    Code(
        "mapping-unsupported",
        ERROR,
        "{it}的变量映射 {what} 不能照做；请改为在前面或后面加脚本任务赋值",
        "{it} has the variable mapping {what}, which cannot be honoured; assign the variable in a script task before or "
        "behind it.",
        "Variables are shared by the whole process instance, as in BPMN; only service tasks (inputs) and call activities "
        "(in, out) have mappings.",
    ),
    Code(
        "form-data-dropped",
        ERROR,
        "{it}的表单字段（{what}）写在模型里，引擎不读取；请做成表单文件并用 formKey 引用",
        "{it} defines its form fields ({what}) inside the model, which the engine does not read; make a form file and "
        "refer to it by formKey.",
        "Fields with types or validators that form-js does not have, or beside a form key. Forms here are form-js JSON files.",
        Words("去掉模型里的表单字段定义", "the field definitions are dropped."),
    ),
    Code(
        "form-data-converted",
        ERROR,
        "{it}的表单字段（{what}）写在模型里，引擎用单独的表单文件；请做成表单文件并用 formKey 引用",
        "{it} defines its form fields ({what}) inside the model, and the engine uses form files; make one and refer to it by "
        "formKey.",
        "camunda:formData and flowable:formProperty with types that form-js has.",
        Words("把这些字段做成表单「{form}」", "the fields become the form “{form}”."),
    ),
    Code(
        "resource-role-ignored",
        WARNING,
        "{it}写了角色 {what}（resourceRole），它不说明由谁办理，引擎不读取；办理人请用 potentialOwner、humanPerformer 或 banjie: 属性",
        "{it} has the role {what} (resourceRole), which does not say who does the task and is not read; name the people by "
        "potentialOwner, humanPerformer or banjie: attributes.",
        "BPMN 2.0 chapter 10.3.1: a plain resource role may be the one who is responsible, consulted or informed.",
    ),
    Code(
        "must-understand-unsupported",
        ERROR,
        "文件声明必须理解扩展 {what}，引擎不认识它；请去掉该扩展",
        "The file says that the extension {what} must be understood, and the engine does not know it; remove it.",
        "BPMN 2.0 chapter 8.3.3: extension with mustUnderstand=true.",
    ),
)


@dataclass(slots=True)
class Turner:
    """Where a dialect writes what it finds in one file."""

    file: str
    notebook: Notebook
    ledger: Ledger
    ignored: dict[str, list[Spot]] = field(default_factory=dict)
    foreign: dict[str, list[Spot]] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)  # forms that stand inside the file: key -> form-js JSON
    resources: dict[str, str] = field(default_factory=dict)  # BPMN resources: id -> name

    def spot(self, owner: Node, line: int = 0) -> Spot:
        """Name the BPMN element that carries an attribute or extension, with the line of the latter; of a part that has no id
        (a loop, a condition, an event definition) the element around it, which is what the designer sees."""
        line = line or owner.line
        named = owner
        while not named.get("id") and named.parent is not None:
            named = named.parent
        if named.parent is not None:  # not as far as the file itself
            owner = named
        return Spot(
            file=self.file,
            line=line,
            id=owner.get("id") or "",
            name=owner.get("name") or "",
            kind=owner.name,
        )

    def ignore(self, owner: Node, what: str, line: int = 0) -> None:
        """Note a setting that does nothing here; said once per file and setting."""
        self.ignored.setdefault(what, []).append(self.spot(owner, line))

    def refuse(self, owner: Node, what: str, line: int = 0, zh: str = "", en: str = "") -> None:
        """A vendor's behaviour that we do not have; ``zh`` and ``en`` may say what to use instead."""
        hint = Words(zh or "或改用 BPMN 自身的元素表达", f"; {en}" if en else " or say it in BPMN's own elements")
        self.notebook.report("vendor-behaviour-unsupported", self.spot(owner, line), what=what, hint=hint)

    def report(self, code: str, owner: Node, what: str, line: int = 0) -> None:
        self.notebook.report(code, self.spot(owner, line), what=what)

    def close(self) -> None:
        """Write the notes that were gathered over the file."""
        for what, spots in self.ignored.items():
            self.notebook.report("vendor-setting-ignored", spots[0], what=what, count=len(spots))
        for space, spots in self.foreign.items():
            self.notebook.report("vendor-data-ignored", spots[0], space=space, count=len(spots))


def set_banjie(owner: Node, name: str, value: str) -> None:
    """Set a banjie: attribute unless the file has it already: our own words win over a dialect's."""
    if value.strip():
        owner.attributes.setdefault(f"{{{BANJIE}}}{name}", value.strip())


def add_banjie(owner: Node, name: str, attributes: dict[str, str], text: str = "", line: int = 0) -> Node:
    """Add a banjie: element to the element's extensions."""
    extensions = owner.find("extensionElements")
    if extensions is None:
        # BPMN's schema wants documentation first, then extensionElements.
        position = len(owner.find_all("documentation"))
        extensions = owner.insert(position, Node(BPMN, "extensionElements", line=owner.line))
    return extensions.append(Node(BANJIE, name, attributes, line=line or owner.line, text=text))


def form_key(value: str) -> str:
    """Return the name of a form without the vendor's wrapping: ``camunda-forms:deployment:apply.form`` -> ``apply``."""
    name = value.strip()
    for prefix in ("camunda-forms:deployment:", "camunda-forms:bpmn:", "embedded:deployment:", "embedded:app:"):
        name = name.removeprefix(prefix)
    return name.removesuffix(".form")
