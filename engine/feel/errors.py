"""What can go wrong with an expression: every fault is a FeelError with a sentence for a person."""

from engine.errors import BanjieError


class FeelError(BanjieError):
    """An expression could not be read or evaluated; ``facts["expression"]`` is its text where it is known."""

    status = 422
    code = "expression-failed"


class FeelSyntaxError(FeelError):
    """The text is not an expression; ``position`` counts characters from 0."""

    code = "expression-syntax"

    def __init__(self, zh: str, en: str, position: int = 0) -> None:
        super().__init__(zh, en, position=position)
        self.position = position


class UnknownName(FeelError):
    """A variable does not exist. It is never read as null: a misspelt name must not take the default branch."""

    code = "unknown-name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"没有变量「{name}」：请检查名称，或用 get or else({name}, 默认值) 给出默认值",
            f'There is no variable "{name}": check the name, or give a default with get or else({name}, default)',
            name=name,
        )
        self.name = name


class FeelLimit(FeelError):
    """The expression is too long, too deep, or wants more steps, text, items or digits than one evaluation may use."""

    code = "expression-limit"


class FeelTypeError(FeelError):
    """A value has a type that may not stand in this place: an object that is not JSON, a condition that is not true or false."""

    code = "expression-type"
