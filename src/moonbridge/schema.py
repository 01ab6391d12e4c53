"""What the migrations of every app need beside what Django offers."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState


class Together(Operation):
    """New tables and their triggers, of which none is changed by another of these operations.

    Alone, each of them would have Django render the classes of its model and of all that are related to it anew. Here, almost everything is
    related to a person and so to everything else: a fresh database waited several times longer for that than for its tables.
    """

    serialization_expand_args: ClassVar[list[str]] = ["operations"]
    category = OperationCategory.ADDITION

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Note what all of them add; who needs the classes then has them rendered, once."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Carry out one after the other, each towards the state after the last."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Take back what the last one did first."""
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what ``migrate`` says of it."""
        return f"{len(self.operations)} operations together"

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return how it is written."""
        return type(self).__name__, [], {"operations": self.operations}


def left_on_the_way(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the apps whose tables an older version left in a state that no migration begins at any more.

    It had carried out some of the steps that one migration replaces now, and not the others.
    """
    done = set(MigrationRecorder(connection).applied_migrations())
    replacing = MigrationLoader(None).replacements
    return sorted(
        app for (app, _), made in replacing.items() if done & set(made.replaces) and set(made.replaces) - done
    )
