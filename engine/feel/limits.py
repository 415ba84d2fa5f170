"""The bounds of one expression: how long, how deep, how many steps; see ``docs/feel.md``."""

from decimal import Decimal
from typing import NoReturn

from engine.feel.errors import FeelLimit

MAX_SOURCE = 4_096  # characters of one expression
MAX_SCRIPT = 16_384  # characters of one script
MAX_NESTING = 40  # brackets, branches and signs inside each other
MAX_TREE_DEPTH = 150  # levels of the syntax tree: keeps evaluation far from Python's recursion limit
MAX_NODES = 400  # parts of one expression
MAX_STEPS = 20_000  # parts evaluated in one evaluation, loops included: 10 to 200 ms at the very most
MAX_STRING = 65_536  # characters of one text that an expression makes
MAX_LIST = 10_000  # items of one list or entries of one context
MAX_DATA_DEPTH = 32  # nesting of lists and contexts in data
MAX_VALUE_DEPTH = 64  # the same for values that an expression makes
MAX_CALLS = 32  # calls of user-defined functions inside each other
MAX_EXPONENT = 10_000
MAX_PATTERN = 256  # characters of one regular expression
MAX_CACHED_NODES = 50_000  # parts of all compiled expressions that are kept

CHARACTERS_PER_STEP = 64  # making a text costs steps by its length,
ITEMS_PER_STEP = 8  # making or reading a list by its items


def too_long(what_zh: str, what_en: str, limit: int) -> NoReturn:
    """Refuse a thing that is larger than ``limit``."""
    raise FeelLimit(f"{what_zh}超过上限 {limit}", f"{what_en}: more than the limit of {limit}", limit=limit)


def check_list(count: int | Decimal) -> None:
    """Refuse a list of so many items, counted up or down."""
    if not -MAX_LIST <= count <= MAX_LIST:
        too_long("列表的项数", "items of a list", MAX_LIST)


def check_text(length: int) -> None:
    """Refuse a text of so many characters."""
    if length > MAX_STRING:
        too_long("文本的字数", "characters of a text", MAX_STRING)


def check_depth(depth: int) -> None:
    """Refuse to walk deeper into lists of lists."""
    if depth > MAX_VALUE_DEPTH:
        too_long("数据的嵌套层数", "nesting of the data", MAX_VALUE_DEPTH)
