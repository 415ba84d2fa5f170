"""The refusal to go on without a choice of who acts at a later step."""

from engine.errors import InvalidInput


class NotChosen(InvalidInput):
    """Whoever acts now has to choose somebody for a later step first."""

    @classmethod
    def at(cls, element_id: str, name: str) -> "NotChosen":
        """The refusal for one step, beside its field ``chosen.<element id>``."""
        return cls(
            f"请选择「{name}」的办理人。",
            f'Choose who acts at "{name}".',
            fields={f"chosen.{element_id}": "必选"},
            fields_en={f"chosen.{element_id}": "required"},
            element_id=element_id,
        )
