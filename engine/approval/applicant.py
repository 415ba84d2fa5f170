"""Who applies: a person or an organisation, and who acts for them."""

from enum import StrEnum

from engine.approval.stored import Stored
from engine.records import record


class ApplicantKind(StrEnum):
    """自然人 or 法人和其他组织."""

    PERSON = "person"
    ORGANISATION = "organisation"


@record
class Agent(Stored):
    """Somebody who acts for the applicant 代办人; may sign only with an authorisation."""

    name: str
    id_number: str = ""
    phone: str = ""
    authorised: bool = False


@record
class Applicant(Stored):
    """``id_number`` is the identity card number or the unified social credit code; credit is kept under it."""

    kind: ApplicantKind
    name: str
    id_number: str
    legal_representative: str = ""
    phone: str = ""
    address: str = ""
    agent: Agent | None = None
