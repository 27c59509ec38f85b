"""Promised work."""

from typing import Annotated

from fastapi import APIRouter, Query

from digitise.bootstrap import Services
from digitise.errors import NotFound
from digitise.model.people import Actor, Permission
from digitise.model.tasks import Task, TaskState
from digitise.web.api.shapes import DocumentId, TaskList, TaskShape, task_shape
from digitise.web.auth import Operator, Reader, Using, document_for

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.get("")
def tasks(
    services: Using,
    actor: Operator,
    state: TaskState | None = None,
    subject: DocumentId | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> TaskList:
    """List tasks, newest first."""
    found = services.tasks.list(subject=subject, states=[state] if state else [], limit=limit)
    return TaskList(items=[task_shape(task) for task in found])


@router.get("/{task_id}")
def task(task_id: DocumentId, services: Using, actor: Reader) -> TaskShape:
    """Show one task."""
    return task_shape(visible(services, actor, services.tasks.get(task_id)))


def visible(services: Services, actor: Actor, task: Task) -> Task:
    """Return the task where its subject is within the actor's unit."""
    if actor.unit is not None and not actor.may(Permission.OPERATE):
        try:
            document_for(services, actor, task.subject)
        except NotFound as error:
            raise NotFound(what="task", id=task.id) from error
    return task


@router.post("/{task_id}/retry")
def retry(task_id: DocumentId, services: Using, actor: Operator) -> TaskShape:
    """Set a quarantined task waiting again."""
    return task_shape(services.tasks.retry(task_id, actor))


@router.post("/{task_id}/drop")
def drop(task_id: DocumentId, services: Using, actor: Operator) -> TaskShape:
    """Give a task up for good."""
    return task_shape(services.tasks.drop(task_id, actor))
