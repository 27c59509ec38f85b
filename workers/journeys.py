"""Task kind → journey: what each piece of promised work calls, with the ports it needs."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from digitise.bootstrap import Services
from digitise.errors import Conflict, DeliveryFailed, DigitiseError
from digitise.model.documents import DocumentState
from digitise.model.tasks import NewTask, Task, TaskKind
from workers.lease import Lease

log = logging.getLogger("digitise.journeys")

Journey = Callable[[Services, Lease], Sequence[NewTask]]


def _run(task: Task) -> str:
    return str(task.args.get("run", "1"))


def recognise(served: Services, lease: Lease) -> Sequence[NewTask]:
    """Split a document into page ranges."""
    from digitise.scan.recognise import plan

    return plan(
        lease.task.subject,
        store=served.store,
        catalogue=served.catalogue,
        settings=served.settings,
        clock=served.clock,
        desks=served.desks,
        progress=lease.progress,
        run=_run(lease.task),
    )


def pages(served: Services, lease: Lease) -> Sequence[NewTask]:
    """Read one range of pages."""
    from digitise.scan.recognise import recognise_range

    return recognise_range(
        lease.task.subject,
        int(lease.task.args["first"]),
        int(lease.task.args["last"]),
        store=served.store,
        catalogue=served.catalogue,
        desks=served.desks,
        progress=lease.progress,
        run=_run(lease.task),
    )


def assemble(served: Services, lease: Lease) -> Sequence[NewTask]:
    """Put the pages together; after a correction of words, only the searchable copy anew."""
    from digitise.scan.assemble import assemble as put_together
    from digitise.scan.corrected import lay_anew

    served.desks.close()  # its child's memory is free for the one that makes the copy
    store, catalogue, settings, clock = served.store, served.catalogue, served.settings, served.clock
    subject, words = lease.task.subject, lease.task.args.get("words")
    if words:
        return lay_anew(subject, str(words), store=store, catalogue=catalogue, settings=settings, clock=clock)
    return put_together(subject, store=store, catalogue=catalogue, settings=settings, clock=clock)


def verify(served: Services, lease: Lease) -> Sequence[NewTask]:
    """Verify a kept document, or an outgoing one that was issued elsewhere, and keep the verdict with it."""
    from digitise.verify.documents import verify_document, verify_outgoing

    issued = lease.task.args.get("outgoing")
    if issued:
        verify_outgoing(served, lease.task.subject, str(issued))
    else:
        verify_document(served, lease.task.subject)
    return []


def sign(served: Services, lease: Lease) -> Sequence[NewTask]:
    """Sign what SQL authorises."""
    from digitise.sign.work import sign_claim

    return sign_claim(lease.claim, served.signing)


def renew(served: Services, lease: Lease) -> Sequence[NewTask]:
    """Add a promised timestamp, or renew an archive timestamp."""
    from digitise.sign.work import renew_claim

    return renew_claim(lease.claim, served.signing, served.outgoing)


def seal(served: Services, lease: Lease) -> Sequence[NewTask]:
    """Sign a published head of the audit log by the key of the profile that the settings name."""
    from digitise.sign.detached import detached_signature
    from digitise.sign.profiles import named
    from storage.audit_proof import seal_head

    tools = served.signing.tools
    profile = named(tools.profiles, served.settings.audit_seal_profile)
    sign_it = partial(detached_signature, profile=profile, at=served.clock(), tools=tools)
    seal_head(served.audit, served.store, lease.task.subject, sign_it)
    return []


def deliver(served: Services, lease: Lease) -> Sequence[NewTask]:
    """Hand an issued document over; tried with growing pauses, given up after the attempts of the settings."""
    from digitise.sign.deliver import deliver as hand_over
    from digitise.sign.deliver import pause
    from digitise.sign.tools import receivers

    delivery = str(lease.task.args["delivery"])
    try:
        hand_over(delivery, served.outgoing, served.deliveries, served.store, receivers(served.settings), served.clock)
    except DeliveryFailed as failed:
        attempts = len(served.deliveries.get(delivery).attempts)
        if attempts >= served.settings.delivery_attempts:
            raise Conflict("delivery_given_up", what="delivery", id=delivery) from failed
        failed.details["retry_seconds"] = pause(attempts)
        raise
    return []


JOURNEYS: Mapping[TaskKind, Journey] = {
    TaskKind.RECOGNISE: recognise,
    TaskKind.PAGES: pages,
    TaskKind.ASSEMBLE: assemble,
    TaskKind.VERIFY: verify,
    TaskKind.SIGN: sign,
    TaskKind.RENEW: renew,
    TaskKind.SEAL: seal,
    TaskKind.DELIVER: deliver,
}
_MAKES_DOCUMENTS = (TaskKind.RECOGNISE, TaskKind.PAGES, TaskKind.ASSEMBLE)


def give_up(served: Services, task: Task, told: str) -> None:
    """Give what the task was about an end state that people see; harmless to repeat."""
    try:
        if task.kind in _MAKES_DOCUMENTS:
            document = served.catalogue.get(task.subject)
            if document.state in (DocumentState.RECEIVED, DocumentState.RECOGNISING):
                served.catalogue.set_state(task.subject, DocumentState.FAILED, error=told)
        elif task.kind is TaskKind.SIGN:
            said = served.intents.get(str(task.args.get("intent")))
            if said.intent.outgoing_id == task.subject:  # a forged task ends nobody's intent
                served.intents.fail(said.intent.id, told)
    except DigitiseError as error:
        log.warning("end of %s %s not recorded: %s", task.kind, task.id, error.code)


def promise_renewals(served: Services) -> None:
    """Promise the renewal of archive timestamps that end soon."""
    from digitise.sign.work import renew_due

    served.tasks.promise(renew_due(served.intents, served.outgoing, served.clock()))


def authorise_unattended(served: Services) -> None:
    """Authorise what the rules in force name; needs no key."""
    from digitise.sign.rules import apply_rules
    from digitise.sign.tools import profiles

    rules = served.signing_rules
    if rules.rules():
        apply_rules(rules, served.outgoing, served.intents, profiles(served.settings), served.clock())
