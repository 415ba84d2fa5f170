"""Who approves, over HTTP: why a task is whose, who will come next, recusals, choices, leaders and posts."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field, StringConstraints

from engine.access import Verb
from engine.commands.administration.posts import ChangePost, CreatePost, LeadDepartment, SetIdentity, SetPosts
from engine.commands.delegating.recusal import DeclareRecusal, LiftRecusal
from web.api.acting import created, execute, queries, visible_instance
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Code, Id, Login, Out, Remark, Title
from web.api.tasks import visible_task
from web.frame.policy import asks, asks_thing
from web.parts import whofinds

instances = Noun(blueprint, "process-instances")
tasks = Noun(blueprint, "tasks")
definitions = Noun(blueprint, "process-definitions")
organisation = Noun(blueprint, "organisation")
people = Noun(blueprint, "people")

ElementName = Annotated[str, StringConstraints(max_length=200)]


class Sentence(Out):
    zh: str
    en: str


class Note(Sentence):
    code: str
    login: str | None = None


class Automatic(Sentence):
    outcome: str | None
    rule: str = Field(description="The setting of the node by which it decides, e.g. `onSelf=skip`.")


class FoundBy(Out):
    login: str
    by: str = Field(description="The strategy that found this person, as the model writes it.")


class Pick(Out):
    rule: str
    taken: str
    after: str | None = None
    seed: str | None = Field(None, description="Of a lot: the least SHA-256 of seed, line feed and login wins.")
    among: list[str] | None = None
    open_tasks: dict[str, int] | None = None


class Why(Out):
    """How the people of a task were found. Empty for a task that its model gives to somebody by name or group."""

    who: str = ""
    found: list[FoundBy] = Field([])
    skipped: list[Note] = Field([], description="Who was left out, and why.")
    notes: list[Note] = Field([])
    pick: Pick | None = None
    carried: list[str] = Field([], description="Members of a ballot whose approval of before counts again.")
    automatic: Automatic | None = None


class Waiting(Out):
    task_id: str
    element_id: str
    element_name: str
    people: list[str]
    groups: list[str]


class Coming(Out):
    element_id: str
    element_name: str
    certain: bool
    possible: bool = Field(description="It comes only if a boundary event happens.")
    doubts: list[Sentence] = Field(description="Why it is not certain that this step comes, or who does it.")
    people: list[str]
    groups: list[str]
    automatic: Automatic | None
    skipped: list[Note]


class Prediction(Out):
    now: list[Waiting]
    next: list[Coming]
    all: bool = Field(description="False when there is more than was looked at.")


class Recusal(Out):
    id: str
    login: str
    ground: str = Field(description="declared, ordered, or applicant (recorded when the case was filed).")
    reason: str
    declared_by: str
    declared_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_why: str | None


class RecusalList(Out):
    items: list[Recusal]


class NewRecusal(Body):
    reason: Remark = Field(min_length=1)
    login: Login | None = Field(None, description="Somebody else: only for supervisors and administrators.")


class DeclaredRecusal(Out):
    id: str
    login: str
    moved: list[str] = Field(description="The open tasks that went to others.")


class Lifting(Body):
    reason: Remark = Field(min_length=1)


class LiftedRecusal(Out):
    id: str
    login: str


class Eligible(Out):
    login: str
    name: str
    department_name: str


class StepChoice(Out):
    element_id: str
    element_name: str
    most: int
    required: bool
    people: list[Eligible]


class ChoiceList(Out):
    items: list[StepChoice] = Field(description="Send what was chosen as `chosen`: {element_id: [logins]}.")


class Leading(Body):
    leader: Annotated[str, StringConstraints(max_length=64)] = Field("", description='"" means none.')
    deputies: list[Login] = Field([], max_length=20)


class Led(Out):
    id: str
    leader: str | None
    deputies: list[str]


class Holder(Out):
    login: str
    name: str
    department_id: str


class Post(Out):
    key: str
    name: str
    holders: list[Holder]


class PostList(Out):
    items: list[Post]


class NewPost(Body):
    key: Code
    name: Title


class PostChange(Body):
    name: Title


class PostKey(Out):
    key: str


class Held(Body):
    post: Code
    department_id: Id


class HeldPosts(Body):
    posts: list[Held] = Field(max_length=50)


class LoginOnly(Out):
    login: str


class Identity(Body):
    number: Annotated[str, StringConstraints(max_length=40)] = Field(
        description='Kept as a keyed hash only; "" forgets it.'
    )


class IdentityKnown(Out):
    login: str
    known: bool


@tasks.get("/tasks/<task_id>/why", asks_thing(Verb.VIEW_TASK), zh="任务为何归谁", answers={200: Why}, errors=(404,))
def get_why(task_id: str) -> Any:
    """Get the account of a task: how its people were found, and who was left out for what reason."""
    return visible_task(task_id)["why"] or {}


@tasks.get(
    "/tasks/<task_id>/choices",
    asks_thing(Verb.VIEW_TASK),
    zh="办理时可选的后续办理人",
    answers={200: ChoiceList},
    errors=(404,),
)
def get_choices(task_id: str) -> Any:
    """List the later steps for which whoever completes this task chooses somebody."""
    return {"items": whofinds.choices_of_task(visible_task(task_id))}


@definitions.get(
    "/process-definitions/<definition_id>/choices",
    asks(Verb.START_PROCESS),
    zh="发起时可选的办理人",
    answers={200: ChoiceList},
    errors=(404,),
)
def get_start_choices(definition_id: str) -> Any:
    """List the steps for which whoever starts the process chooses somebody."""
    return {"items": whofinds.choices_at_start(definition_id)}


@instances.get(
    "/process-instances/<instance_id>/prediction",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="预测后续环节",
    answers={200: Prediction},
    errors=(404,),
)
def get_prediction(instance_id: str) -> Any:
    """Tell who will come next, found by the resolver that will decide; what lacks data is in doubt, with the reason."""
    visible_instance(instance_id)
    return whofinds.prediction(instance_id)


@instances.get(
    "/process-instances/<instance_id>/recusals",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="回避",
    answers={200: RecusalList},
    errors=(404,),
)
def list_recusals(instance_id: str) -> Any:
    """List the recusals of an instance, the lifted ones too."""
    visible_instance(instance_id)
    return {"items": queries().instances.recusals(instance_id)}


@instances.post(
    "/process-instances/<instance_id>/recusals",
    asks_thing(Verb.DECLARE_RECUSAL),
    zh="申请或责令回避",
    body=NewRecusal,
    answers={201: DeclaredRecusal},
    errors=(404, 409),
)
def declare_recusal(instance_id: str, body: NewRecusal) -> Answer:
    """Declare that the caller must not act in this instance, or order it for `login`.

    The person's open tasks move by the policies of their nodes, and every later path refuses that person.
    """
    result = execute(DeclareRecusal(instance_id=instance_id, reason=body.reason, login=body.login))
    return created(result, f"/process-instances/{instance_id}/recusals")


@instances.post(
    "/process-instances/<instance_id>/recusals/<recusal_id>/lift",
    asks_thing(Verb.MANAGE_RECUSALS),
    zh="解除回避",
    body=Lifting,
    answers={200: LiftedRecusal},
    errors=(404, 409),
)
def lift_recusal(instance_id: str, recusal_id: str, body: Lifting) -> Any:
    """Lift a recusal that has no ground; nobody lifts his own."""
    return execute(LiftRecusal(instance_id=instance_id, recusal_id=recusal_id, reason=body.reason))


@organisation.put(
    "/departments/<department_id>/leader",
    asks(Verb.MANAGE_PEOPLE),
    zh="任命部门负责人和副职",
    body=Leading,
    answers={200: Led},
    errors=(404, 409),
)
def lead_department(department_id: str, body: Leading) -> Any:
    """Set who leads a department, and the deputies in the order in which they stand in."""
    return execute(LeadDepartment(department_id=department_id, leader=body.leader, deputies=tuple(body.deputies)))


@organisation.get("/posts", asks(Verb.VIEW_PEOPLE), zh="岗位", answers={200: PostList})
def list_posts() -> Any:
    """List posts with who holds them, and where."""
    return {"items": queries().admin.posts()}


@organisation.post(
    "/posts", asks(Verb.MANAGE_PEOPLE), zh="新增岗位", body=NewPost, answers={201: PostKey}, errors=(409,)
)
def create_post(body: NewPost) -> Answer:
    """Add a post; models name it by its key."""
    return created(execute(CreatePost(key=body.key, name=body.name)), f"/posts/{quote(body.key, safe='')}")


@organisation.patch(
    "/posts/<key>", asks(Verb.MANAGE_PEOPLE), zh="修改岗位", body=PostChange, answers={200: PostKey}, errors=(404,)
)
def change_post(key: str, body: PostChange) -> Any:
    """Rename a post."""
    return execute(ChangePost(key=key, name=body.name))


@people.put(
    "/people/<login>/posts",
    asks(Verb.MANAGE_PEOPLE),
    zh="设置人员的岗位",
    body=HeldPosts,
    answers={200: LoginOnly},
    errors=(404,),
)
def set_posts(login: str, body: HeldPosts) -> Any:
    """Set which posts a person holds, each in a department: exactly these."""
    return execute(SetPosts(login=login, posts=tuple((each.post, each.department_id) for each in body.posts)))


@people.put(
    "/people/<login>/identity",
    asks(Verb.MANAGE_PEOPLE),
    zh="登记人员的证件号码（只存密钥散列）",
    body=Identity,
    answers={200: IdentityKnown},
    errors=(404,),
    takes_key=False,
)
def set_identity(login: str, body: Identity) -> Any:
    """Let the house recognise a person as an applicant: only a keyed hash of the number is kept."""
    return execute(SetIdentity(login=login, number=body.number))
