"""Tình trạng hệ thống, Công việc lỗi: what is wrong, what to do, failed work with its reason."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from digitise.errors import Conflict, NotFound
from digitise.health import examine
from digitise.model.tasks import TaskState
from digitise.web.auth import Operator, Using
from digitise.web.forms import read_form
from digitise.web.language import language
from digitise.web.render import render

router = APIRouter(prefix="/admin")
TASKS_A_PAGE = 200  # what one pair of eyes decides on; the next ones come up when these are decided


@router.get("")
def health(request: Request, services: Using, actor: Operator) -> Response:
    """Show every check, and the work by kind and state."""
    findings = examine(services, language(request))
    return render(request, "admin_health.html", findings=findings, counts=services.tasks.counts())


@router.get("/jobs")
def jobs(request: Request, services: Using, actor: Operator, state: str = TaskState.QUARANTINED.value) -> Response:
    """List tasks by state, failed ones by default."""
    chosen = TaskState(state) if state in list(TaskState) else TaskState.QUARANTINED
    found = services.tasks.list(states=[chosen], limit=TASKS_A_PAGE)
    counts = services.tasks.counts([one for one in TaskState if one is not TaskState.DONE])  # those grow without end
    by_state = {one.value: sum(number for (_, at), number in counts.items() if at == one) for one in TaskState}
    return render(request, "admin_jobs.html", tasks=found, chosen=chosen.value, counts=by_state)


@router.post("/jobs")
def decide(request: Request, services: Using, actor: Operator) -> Response:
    """Retry or drop the selected tasks."""
    form = read_form(request)
    act = {"retry": services.tasks.retry, "drop": services.tasks.drop}.get(form["act"])
    if act is not None:
        for task_id in form.all("id")[:500]:
            try:
                act(task_id, actor)
            except (Conflict, NotFound):
                continue  # somebody else decided meanwhile; the list shows how it stands
    return RedirectResponse("/admin/jobs", 303)
