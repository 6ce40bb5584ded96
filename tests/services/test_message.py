"""Texts to phones: to whom, what they say, tried again when they fail, and listed for the administrators."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from common.gateway import NotSentError
from common.jobs import STALE, Work, revive
from services.domain.message import NEWS
from services.domain.request_notices import Notice, tell
from services.models import HelpRequest, SentMessage
from services.models.request import code_of
from tests.factories import make_request, make_sent_message, make_volunteer

pytestmark = pytest.mark.django_db
sent, failing = [], []


class Recorder:
    """A gateway that remembers, or fails as often as it is told to."""

    def send(self, phone, text):
        """Remember it."""
        if failing:
            raise failing.pop()
        sent.append((phone, text))


@pytest.fixture(autouse=True)
def _gateway(settings):
    settings.MESSAGE_GATEWAY, settings.SITE_URL = "tests.services.test_message.Recorder", "https://yiwang.example"
    sent.clear()
    failing.clear()


@pytest.fixture
def request_(django_capture_on_commit_callbacks):
    request = make_request(caller="王阿婆", phone="13811112222", content="王阿婆家水管坏了")
    leader = request.team.memberships.get(role="leader").volunteer
    leader.phone = "13999990001"
    leader.save()
    return request


def told(request, notice, capture):
    with capture(execute=True):
        tell(request, notice)


def test_the_leader_has_a_text_without_a_word_of_the_resident(request_, django_capture_on_commit_callbacks):
    told(request_, Notice.NEW, django_capture_on_commit_callbacks)

    address = f"https://yiwang.example{request_.get_absolute_url()}"
    assert sent == [("13999990001", f"Yiwang: request for help, {request_.grid}. Open {address}")]
    message = SentMessage.objects.get()
    assert (message.state, message.work_attempts, message.phone_masked) == ("sent", 1, "139****0001")


def test_only_what_is_new_or_urgent_is_worth_a_text(request_, django_capture_on_commit_callbacks):
    for notice in Notice:
        if notice not in (Notice.NEW, Notice.TRANSFERRED_TO):
            told(request_, notice, django_capture_on_commit_callbacks)
    assert sent == []

    request_.urgency = HelpRequest.Urgency.URGENT
    request_.save()
    told(request_, Notice.CALLED_AGAIN, django_capture_on_commit_callbacks)
    assert "URGENT" in sent[0][1]


def test_the_same_is_not_said_twice_in_a_moment(request_, django_capture_on_commit_callbacks):
    for _ in range(2):
        told(request_, Notice.NEW, django_capture_on_commit_callbacks)
    assert len(sent) == 1


def test_the_resident_has_the_code_where_residents_get_texts(request_, settings, django_capture_on_commit_callbacks):
    settings.MESSAGE_RESIDENTS = True
    told(request_, Notice.NEW, django_capture_on_commit_callbacks)
    texts = dict(sent)
    assert code_of(request_.key) in texts["13811112222"]
    assert code_of(request_.key) not in texts["13999990001"]

    request_.phone = "0577-62181234-801"
    request_.save()
    told(request_, Notice.NO_TEAM, django_capture_on_commit_callbacks)
    assert len(sent) == 2


def test_without_a_gateway_nothing_is_written(request_, settings):
    settings.MESSAGE_GATEWAY = ""
    tell(request_, Notice.NEW)
    assert not SentMessage.objects.exists()


def test_a_failure_is_recorded_without_the_number_and_tried_again(request_, django_capture_on_commit_callbacks):
    failing.append(NotSentError("欠费 13999990001"))
    told(request_, Notice.NEW, django_capture_on_commit_callbacks)
    message = SentMessage.objects.get()
    assert (message.state, message.error) == ("waiting", "欠费 ****")

    again(message, django_capture_on_commit_callbacks)
    message.refresh_from_db()
    assert (message.state, message.error, message.work_attempts, len(sent)) == ("sent", "", 2, 1)


def test_after_three_tries_it_has_failed(request_, django_capture_on_commit_callbacks):
    failing.extend([ConnectionError("away")] * 3)
    told(request_, Notice.NEW, django_capture_on_commit_callbacks)
    message = SentMessage.objects.get()
    for _ in range(3):
        again(message, django_capture_on_commit_callbacks)
    message.refresh_from_db()
    assert (message.state, message.work_attempts, message.error, sent) == ("failed", 3, "ConnectionError: away", [])


def again(message, capture):
    """Let the worker find what waits."""
    SentMessage.objects.filter(pk=message.pk).update(work_beat_at=timezone.now() - STALE - timedelta(seconds=1))
    with capture(execute=True):
        revive()


@pytest.mark.parametrize("reason", ["settled", "late", "other leader"])
def test_what_is_no_news_any_more_is_not_sent(request_, reason, django_capture_on_commit_callbacks):
    message = make_sent_message(request_, work_state=Work.WorkState.WAITING, error="")
    if reason == "settled":
        message = make_sent_message(make_request(state="withdrawn"), work_state=Work.WorkState.WAITING, error="")
    elif reason == "late":
        SentMessage.objects.filter(pk=message.pk).update(created_at=timezone.now() - NEWS - timedelta(minutes=1))
    else:
        SentMessage.objects.filter(pk=message.pk).update(volunteer=make_volunteer())
    with django_capture_on_commit_callbacks(execute=True):
        message.start_work()

    message.refresh_from_db()
    assert (message.state, sent) == ("needless", [])


# --- the administrators' list -----------------------------------------------------------------------------------


def test_administrators_see_what_failed_and_send_it_again(client_of, request_, django_capture_on_commit_callbacks):
    message = make_sent_message(request_)
    make_sent_message(request_, work_state=Work.WorkState.DONE, sent_at=timezone.now(), error="")
    client = client_of("admin")

    page = client.get(reverse("services:message_list"), {"state": "failed"})
    assert [row["pk"] for row in page.context["page"].rows] == [message.pk]
    html = page.content.decode()
    assert "138****0000" in html
    assert "王阿婆" not in html

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("services:message_again", args=[message.pk]))
    message.refresh_from_db()
    assert (message.state, len(sent)) == ("sent", 1)

    answer = client.post(reverse("services:message_again", args=[message.pk]), follow=True)
    assert "Only a text that failed is sent again" in answer.content.decode()
    trail = AuditEntry.objects.filter(event="send_again")
    assert trail.exists()
    assert "****" not in str(list(trail.values_list("changes", flat=True)))
    assert len(sent) == 1
