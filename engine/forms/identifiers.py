"""Numbers that carry their own check: ID cards, social credit codes, mobile numbers, e-mail addresses."""

import re
from datetime import date
from typing import NamedTuple

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CARD = re.compile(r"[1-9][0-9]{16}[0-9Xx]")
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(rf"[1-9A-Y][{_USCC_ALPHABET}][0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,63}(\.[^@\s.]{1,63})+")
_PHONE = re.compile(r"\+?[0-9][0-9\- ()]{4,24}")


class Named(NamedTuple):
    """What a validation type is called when it fails."""

    zh: str
    en: str


NAMES = {
    "cn-id": Named("身份证号码有误（18 位，末位为校验码）", "not a valid ID card number (18 digits with check digit)"),
    "cn-uscc": Named(
        "统一社会信用代码有误（18 位，末位为校验码）", "not a valid unified social credit code (18 characters)"
    ),
    "cn-mobile": Named("手机号码应为 11 位", "not a mobile number of 11 digits"),
    "email": Named("电子邮箱格式不符", "not an e-mail address"),
    "phone": Named("电话号码格式不符", "not a telephone number"),
}


def is_valid(kind: str, text: str, *, today: date) -> bool:
    """Check ``text`` by the validation type ``kind``, one of NAMES."""
    match kind:
        case "cn-id":
            return is_id_card(text, today)
        case "cn-uscc":
            return is_credit_code(text)
        case "cn-mobile":
            return _MOBILE.fullmatch(text) is not None
        case "email":
            return len(text) <= 254 and _EMAIL.fullmatch(text) is not None
        case _:
            return _PHONE.fullmatch(text) is not None


def is_id_card(text: str, today: date) -> bool:
    """GB 11643-1999: area, birthday from 1800 until today, sequence, and a check character (ISO 7064 MOD 11-2)."""
    if not _ID_CARD.fullmatch(text):
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    if born.year < 1800 or born > today:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[17].upper()


def is_credit_code(text: str) -> bool:
    """GB 32100-2015: registry, kind, area of 6 digits, organisation, and a check character (MOD 31); no I, O, S, V, Z."""
    text = text.upper()
    if not _USCC.fullmatch(text):
        return False
    total = sum(
        _USCC_ALPHABET.index(character) * weight for character, weight in zip(text, _USCC_WEIGHTS, strict=False)
    )
    return _USCC_ALPHABET[(31 - total % 31) % 31] == text[17]
