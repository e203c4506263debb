"""Times of the queues of messages, which must fit with how long the sender waits for what a provider reports."""

from app.mail.ses import Ses
from bench.alert_storm import deployed


def test_a_report_that_failed_comes_again_before_its_message_is_taken_for_lost() -> None:
    (reports,) = deployed.function("mail_events").queues

    assert reports.visibility_s * 1000 <= Ses.unknown_ms / 2


def test_reports_are_tried_for_a_quarter_of_an_hour_before_they_are_dead_letters() -> None:
    (reports,) = deployed.function("mail_events").queues

    assert reports.visibility_s * reports.most_receipts >= 15 * 60
