"""A run on one machine has no queues: what follows from a change is done at once, by the same functions."""

import pytest

from app.alerts import tokens
from app.aws import queues
from app.mail import addresses
from tests.alerting import Alerts, ledger, subscribe
from tests.alerting import alerts as alerts  # noqa: PLC0414 - a fixture
from tests.app.alerts.saying import is_over, say
from tests.post import Post
from tests.post import post as post  # noqa: PLC0414 - a fixture

ADDRESS = "anna@example.net"


@pytest.mark.usefixtures("noon")
def test_mail_is_sent_with_the_change(alerts: Alerts, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "are_there", lambda: False)
    anna = subscribe("anna", recipient=addresses.hash_of(ADDRESS), address=ADDRESS)
    for name, value in tokens.renew(anna).items():
        setattr(anna, name, value)
    anna.save()
    say()
    alerts.hand_over(alerts.changes())
    assert (len(post.subjects(ADDRESS)), [row.state for row in ledger()]) == (1, ["sent"])

    is_over()
    alerts.hand_over(alerts.changes())

    warning, all_clear = post.subjects(ADDRESS)
    assert warning != all_clear
    assert (alerts.searches, alerts.handed) == ([], [])
