"""What the operators mean for each pair of types (DMN tables 42 to 58); a pair without meaning gives null with a reason."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from engine.feel import limits
from engine.feel.numbers import Number, calculate
from engine.feel.run import Run
from engine.feel.temporal import YearsMonths, add_months, instant, shift
from engine.feel.values import Function, Range, kind, kind_zh

_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_ORDERED = frozenset((int, Decimal, str, date, time, datetime, timedelta, YearsMonths))
NUMBERS = (int, Decimal)
_ONE_DAY = timedelta(days=1)


def is_number(value: Any) -> bool:
    """Is the value a FEEL number?"""
    return type(value) in NUMBERS


def equal(left: Any, right: Any, run: Run, depth: int = 0) -> bool | None:
    """``left = right``: null for values of different types, except that anything can be compared with null."""
    if left is None or right is None:
        return left is right
    if kind(left) != kind(right):
        _note_incomparable(left, right, run)
        return None
    exact = type(left)
    if exact is list or exact is dict:
        return _equal_collections(left, right, run, depth)
    if exact is datetime or exact is time:
        left, right = _same_clock(left, right, run)
    if exact is Function:
        return left is right
    if exact is Range:
        return _equal_ranges(left, right, run, depth)
    return bool(left == right)


def _equal_collections(left: Any, right: Any, run: Run, depth: int) -> bool:
    if left is right:
        return True
    limits.check_depth(depth)
    if len(left) != len(right) or (type(left) is dict and left.keys() != right.keys()):
        return False
    # One list may stand at many places of the two sides: every comparison is paid for, or it could take for ever.
    run.spend(1 + len(left))
    pairs = ((left[key], right[key]) for key in left) if type(left) is dict else zip(left, right, strict=True)
    return all(equal(a, b, run, depth + 1) is True for a, b in pairs)


def _equal_ranges(left: Range, right: Range, run: Run, depth: int) -> bool:
    run.spend(1)
    if (left.start_included, left.end_included) != (right.start_included, right.end_included):
        return False
    return equal(left.start, right.start, run, depth + 1) is True and equal(left.end, right.end, run, depth + 1) is True


def compare(operator: str, left: Any, right: Any, run: Run) -> bool | None:
    """``left operator right`` for < <= > >=; null unless both are of one type that has an order."""
    if type(left) not in _ORDERED or kind(left) != kind(right):
        _note_incomparable(left, right, run)
        return None
    left, right = _same_clock(left, right, run)
    return _ORDER[operator](left, right)


def _note_incomparable(left: Any, right: Any, run: Run) -> None:
    run.null(f"{kind_zh(left)}与{kind_zh(right)}不能比较", f"A {kind(left)} cannot be compared with a {kind(right)}")


def _same_clock(left: Any, right: Any, run: Run) -> tuple[Any, Any]:
    """Put two moments on one clock; one without zone is read in the bureau's zone when the other has one."""
    if type(left) is datetime:
        if left.tzinfo is None and right.tzinfo is None:
            return left, right
        try:
            return instant(left, run.zone), instant(right, run.zone)
        except OverflowError:
            return left.replace(tzinfo=None), right.replace(tzinfo=None)
    if type(left) is time and (left.utcoffset() is None) != (right.utcoffset() is None):
        return left.replace(tzinfo=None), right.replace(tzinfo=None)
    return left, right


def contains(test: Any, value: Any, run: Run) -> bool | None:
    """``value in test``: a list holds it (or holds a range around it), a range contains it, or they are equal."""
    if type(test) is Range:
        return in_range(value, test, run)
    if type(test) is list:
        run.spend_list(len(test))
        if any(
            equal(item, value, run) is True or (type(item) is Range and in_range(value, item, run)) for item in test
        ):
            return True
        return type(value) is list and equal(test, value, run) is True
    return equal(value, test, run)


def in_range(value: Any, bounds: Range, run: Run) -> bool | None:
    """Is the value between the ends of the range? An end that is null is open."""
    if value is None:
        run.null("空值不能与区间比较", "null cannot be compared with a range")
        return None
    above = below = True
    if bounds.start is not None:
        found = compare(">=" if bounds.start_included else ">", value, bounds.start, run)
        if found is None:
            return None
        above = found
    if bounds.end is not None:
        found = compare("<=" if bounds.end_included else "<", value, bounds.end, run)
        if found is None:
            return None
        below = found
    return above and below


def negate(value: Any, run: Run) -> Any:
    """``-value`` for numbers and durations."""
    exact = type(value)
    if exact in NUMBERS:
        return calculate("-", 0, value)
    if exact is YearsMonths:
        return YearsMonths(-value.months)
    if exact is timedelta:
        return _guarded(lambda: -value, run)
    return run.null(f"{kind_zh(value)}不能取负", f"A {kind(value)} has no negative")


def arithmetic(operator: str, left: Any, right: Any, run: Run) -> Any:
    """``left operator right`` for + - * / ** (and % of JUEL)."""
    left_type, right_type = type(left), type(right)
    if left_type in NUMBERS and right_type in NUMBERS:
        result = calculate(operator, left, right)
        if result is None:
            return run.null(f"{left} {operator} {right} 没有结果", f"{left} {operator} {right} has no result")
        return result
    if left_type is str and right_type is str and operator == "+":
        run.spend_text(len(left) + len(right))
        return left + right
    rule = _TEMPORAL_RULES.get((operator, left_type, right_type))
    if rule is None:
        return run.null(
            f"{kind_zh(left)} {operator} {kind_zh(right)} 没有意义",
            f"{kind(left)} {operator} {kind(right)} has no meaning",
        )
    return _guarded(lambda: rule(left, right, run), run)


def _guarded(calculation: Callable[[], Any], run: Run) -> Any:
    """Run a calculation with dates; what leaves the years 1 to 9999 is null."""
    try:
        return calculation()
    except (ArithmeticError, ValueError):
        return run.null("日期或时长超出范围", "The date or duration is out of range")


def _date_plus(day: date, length: timedelta, run: Run) -> date:
    return (datetime.combine(day, time()) + length).date()


def _time_plus(clock: time, length: timedelta, run: Run) -> time:
    return (
        (datetime.combine(date(2000, 1, 2), clock.replace(tzinfo=None)) + length % _ONE_DAY)
        .time()
        .replace(tzinfo=clock.tzinfo)
    )


def _months_later(day: date, months: int, run: Run) -> Any:
    result = add_months(day, months)
    return run.null("日期超出范围", "The date is out of range") if result is None else result


def _date_difference(left: date, right: date, run: Run) -> Any:
    """Two moments apart; a date is its midnight in UTC, and a moment with zone has no distance to one without (table 57)."""
    a, b = (v if type(v) is datetime else datetime.combine(v, time(), tzinfo=UTC) for v in (left, right))
    if (a.tzinfo is None) != (b.tzinfo is None):
        return run.null(
            '带时区的时间与不带时区的时间不能相减：请先用 date and time(时间, "Asia/Shanghai") 补上时区',
            'A time with zone and one without cannot be subtracted: add the zone with date and time(t, "Asia/Shanghai")',
        )
    return instant(a, run.zone) - instant(b, run.zone)


def _time_difference(left: time, right: time, run: Run) -> timedelta:
    day = date(2000, 1, 1)
    left, right = _same_clock(left, right, run)
    difference = datetime.combine(day, left.replace(tzinfo=None)) - datetime.combine(day, right.replace(tzinfo=None))
    return difference - (left.utcoffset() or timedelta()) + (right.utcoffset() or timedelta())


def _scaled_days(length: timedelta, factor: Number, run: Run) -> timedelta:
    return timedelta(microseconds=int(Decimal(length // timedelta(microseconds=1)) * factor))


def _divided_days(length: timedelta, divisor: Number, run: Run) -> Any:
    if divisor == 0:
        return run.null("除数为零", "Division by zero")
    return timedelta(microseconds=int(Decimal(length // timedelta(microseconds=1)) / divisor))


def _scaled_months(length: YearsMonths, factor: Number, run: Run) -> YearsMonths:
    return YearsMonths(_bounded_months(int(length.months * factor)))


def _divided_months(length: YearsMonths, divisor: Number, run: Run) -> Any:
    if divisor == 0:
        return run.null("除数为零", "Division by zero")
    return YearsMonths(_bounded_months(int(Decimal(length.months) / divisor)))


def _bounded_months(months: int) -> int:
    if abs(months) > 12 * 999_999_999:
        raise OverflowError
    return months


def _ratio(left: Any, right: Any, run: Run) -> Any:
    """How many times one duration goes into another."""
    unit = timedelta(microseconds=1)
    a, b = (v.months if type(v) is YearsMonths else v // unit for v in (left, right))
    return run.null("除数为零", "Division by zero") if b == 0 else calculate("/", a, b)


_Rule = Callable[[Any, Any, Run], Any]


def _temporal_rules() -> dict[tuple[str, type, type], _Rule]:
    rules: dict[tuple[str, type, type], _Rule] = {
        ("+", timedelta, timedelta): lambda a, b, run: a + b,
        ("-", timedelta, timedelta): lambda a, b, run: a - b,
        ("+", YearsMonths, YearsMonths): lambda a, b, run: YearsMonths(_bounded_months(a.months + b.months)),
        ("-", YearsMonths, YearsMonths): lambda a, b, run: YearsMonths(_bounded_months(a.months - b.months)),
        ("/", timedelta, timedelta): _ratio,
        ("/", YearsMonths, YearsMonths): _ratio,
        ("-", time, time): _time_difference,
    }
    plus: dict[type, _Rule] = {date: _date_plus, datetime: lambda a, b, run: shift(a, b), time: _time_plus}
    for exact, later in plus.items():
        rules["+", exact, timedelta] = later
        rules["+", timedelta, exact] = lambda a, b, run, later=later: later(b, a, run)  # type: ignore[misc]
        rules["-", exact, timedelta] = lambda a, b, run, later=later: later(a, -b, run)  # type: ignore[misc]
    for exact in (date, datetime):
        rules["+", exact, YearsMonths] = lambda a, b, run: _months_later(a, b.months, run)
        rules["+", YearsMonths, exact] = lambda a, b, run: _months_later(b, a.months, run)
        rules["-", exact, YearsMonths] = lambda a, b, run: _months_later(a, -b.months, run)
        rules["-", exact, date] = rules["-", exact, datetime] = _date_difference
    for number in NUMBERS:
        rules["*", timedelta, number] = _scaled_days
        rules["*", number, timedelta] = lambda a, b, run: _scaled_days(b, a, run)
        rules["/", timedelta, number] = _divided_days
        rules["*", YearsMonths, number] = _scaled_months
        rules["*", number, YearsMonths] = lambda a, b, run: _scaled_months(b, a, run)
        rules["/", YearsMonths, number] = _divided_months
    return rules


_TEMPORAL_RULES = _temporal_rules()
