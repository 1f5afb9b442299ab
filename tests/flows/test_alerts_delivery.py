"""Messages reach the log, mailboxes and webhooks once, whatever servers do."""

from datetime import timedelta

import pytest
from alert_world import DAY, HOUR, alert_world
from hook_server import hook_server
from loopback_certificate import self_signed, server_context
from mail_server import mail_server

from flows.alerting.destinations import MailServer, destinations
from flows.alerting.mail import _log_in
from flows.alerting.sending import SendingError
from flows.errors import InputError
from flows.settings import load_settings

MINUTE = timedelta(minutes=1)


@pytest.fixture
def mail():
    with mail_server() as server:
        yield server


@pytest.fixture
def hook():
    with hook_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch):
    for module in ("mail", "webhook"):
        monkeypatch.setattr(f"flows.alerting.{module}.STEP_SECONDS", 0.4)
        monkeypatch.setattr(f"flows.alerting.{module}.DEADLINE_SECONDS", 0.8)


@pytest.fixture
def project(tmp_path, mail, hook):
    """A world with both, in which runs fail and complete as a test likes."""
    settings = {
        "alert_email": ("ann@example.org", "bob@example.org"),
        "alert_smtp": mail.address,
        "alert_from": "barograph@example.org",
        "alert_webhook": hook.address,
        "alert_except": ("snapshot_stale",),
    }
    with alert_world(tmp_path, **settings) as world:
        world.list({"a": ["feeds:1"]})
        world.mail, world.hook = mail, hook
        yield world


def fail(world, after=HOUR):
    """Two runs that fail: an alert begins."""
    for _ in range(2):
        world.now += MINUTE
        world.run("failed")
    return world.look(after)


def recover(world, after=HOUR):
    world.now += MINUTE
    world.run()
    return world.look(after)


def test_an_alert_and_its_end_arrive_everywhere_once(project):
    fail(project)
    for _ in range(3):
        project.look(HOUR)
    recover(project)
    project.look(HOUR)
    subjects = [letter.message["Subject"] for letter in project.mail.received]
    assert subjects == [
        "[Barograph] serious: runs fail: the last two came to no end",
        "[Barograph] over: runs fail: the last two came to no end",
    ]
    texts = [posted.record["text"].splitlines()[0] for posted in project.hook.posted]
    assert texts == [f"*{subject.removeprefix('[Barograph] ')}*" for subject in subjects]
    assert project.told("run_failed") == ["opened", "recovered"]


def test_a_letter_says_who_writes_to_whom_and_what_to_do(project):
    fail(project)
    [letter] = project.mail.received
    assert (letter.sender, letter.recipients) == (
        "barograph@example.org",
        ["ann@example.org", "bob@example.org"],
    )
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert letter.message["Message-ID"].endswith("@example.org>")
    assert "What to do: See what it says with `barograph status`" in letter.message.get_content()


def test_what_one_look_finds_is_one_letter(project):
    project.list({"a": [f"feeds:{n}" for n in range(4)]})
    for n in range(4):
        project.ask(f"feeds:{n}")
    project.now += HOUR
    for n in range(4):
        project.ask(f"feeds:{n}", "timeout")
    fail(project, timedelta())
    [letter] = project.mail.received
    assert letter.message["Subject"].startswith("[Barograph] 2 alerts began: ")
    assert letter.message.get_content().count("What to do:") == 2
    assert len(project.hook.posted) == 1
    assert len(project.log()) == 2


@pytest.mark.parametrize("status", [500, 503, 429, 404, 302, 307, 0, -1])
def test_what_a_webhook_does_not_take_is_tried_again_under_the_same_key(project, status):
    project.hook.answers = [status]
    [problem] = fail(project).problems
    assert "webhook: 127.0.0.1" in problem
    assert "s3cret" not in problem
    assert [posted.path for posted in project.hook.posted] == ["/services/T0/s3cret"]
    project.look(HOUR)
    project.look(HOUR)
    first, second = project.hook.posted
    assert (first.key, first.record) == (second.key, second.record)
    assert len(project.mail.received) == 1


def test_a_webhook_that_nobody_answers_fails_no_look(project):
    project.hook.server_close()
    [problem] = fail(project).problems
    assert problem == "alerts were not sent by webhook: 127.0.0.1: ConnectionRefusedError"
    assert "ConnectionRefusedError" in project.log("fault")[0]["text"]
    assert len(project.mail.received) == 1


@pytest.mark.parametrize(
    "answers",
    [
        {"GREETING": "554 no"},
        {"GREETING": None},
        {"GREETING": "DRIP"},
        {"MAIL": "451 later"},
        {"DATA": "452 full"},
        {"END": "451 later"},
        {"END": None},
    ],
    ids=str,
)
def test_what_a_mail_server_does_not_take_is_tried_again_with_the_same_identity(project, answers):
    project.mail.answers = answers
    [problem] = fail(project).problems
    assert problem.startswith("alerts were not sent by email: 127.0.0.1")
    assert len(project.hook.posted) == 1
    project.mail.answers = {}
    project.look(HOUR)
    project.look(HOUR)
    [letter] = project.mail.received
    assert letter.message["Subject"].endswith("the last two came to no end")


def test_the_identity_of_a_letter_is_the_same_at_every_try(project):
    project.mail.answers = {"QUIT": None}
    fail(project)
    project.connection.execute("update raw.alert_messages set sent_at = null")
    project.look(HOUR)
    identities = {letter.message["Message-ID"] for letter in project.mail.received}
    assert (len(project.mail.received), len(identities)) == (2, 1)
    assert len({posted.key for posted in project.hook.posted}) == 1
    assert len(project.log("opened")) == 1


def test_whoever_is_refused_keeps_nobody_else_from_the_letter(project):
    project.mail.refused = {"bob@example.org"}
    assert fail(project).problems == ()
    assert [letter.recipients for letter in project.mail.received] == [["ann@example.org"]]
    project.mail.refused = {"ann@example.org", "bob@example.org"}
    assert recover(project).problems == (
        "alerts were not sent by email: 127.0.0.1 refuses all recipients",
    )


def test_a_channel_that_fails_rests_longer_each_time_and_keeps_the_order(project):
    project.hook.answers = [500] * 4
    fail(project)
    tries = []
    for _ in range(12):
        before = len(project.hook.posted)
        project.look(4 * MINUTE)
        tries.append(len(project.hook.posted) - before)
    assert tries == [0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0]
    recover(project, MINUTE)
    assert len(project.hook.posted) == 4
    project.look(DAY)
    begun = ["over" not in posted.record["text"].split("\n")[0] for posted in project.hook.posted]
    assert begun == [True] * 5 + [False]


def test_a_look_by_hand_tries_at_once(project):
    project.hook.answers = [500]
    fail(project)
    project.look(MINUTE, is_patient=False)
    assert len(project.hook.posted) == 2


def test_after_a_week_a_message_is_given_up_and_still_shown(project):
    project.hook.answers = [500] * 100
    fail(project)
    for _ in range(9):
        project.look(DAY)
    count = len(project.hook.posted)
    assert count == 8
    project.hook.answers = []
    project.look(DAY)
    assert len(project.hook.posted) == count


def test_names_that_would_command_a_reader_are_words(project):
    name = "A <!channel> & <https://evil.example|b>\r\nBcc: x@example.org\x1b[31m"
    project.connection.execute("update raw.organizations set name = ?", [name])
    project.put("raw.claims", organization_id="a", stage_code=4, is_headline=True, is_public=True)
    for n, position in enumerate(["within", "within", "above", "above"]):
        week = project.at.date() - timedelta(weeks=9 - n)
        project.estimate("a", week, 3)
        gap = {"organization_id": "a", "as_of_week": week, "claimed_stage_code": 4}
        project.put("estimates.gaps", **gap, claim_position=position)
    project.look()
    [letter], [posted] = project.mail.received, project.hook.posted
    assert letter.message["Bcc"] is None
    assert "\x1b" not in letter.message["Subject"]
    assert "A &lt;!channel&gt; &amp; &lt;https://evil.example|b&gt; Bcc: x" in posted.record["text"]


def test_a_password_is_not_sent_in_the_clear_to_another_machine():
    class Plain:
        def ehlo_or_helo_if_needed(self):
            pass

        def has_extn(self, _):
            return False

    server = MailServer(host="mail.example.org", port=25, is_tls=False, user="u", password="p")
    assert "password" not in repr(server).replace("password is", "")
    with pytest.raises(SendingError, match="no encryption, so the password is not sent"):
        _log_in(Plain(), server)


def test_on_this_machine_it_is(tmp_path, mail):
    place = mail.address.replace("smtp://", "smtp://me%40x:p%2Fw@")
    given = {"alert_smtp": place, "alert_email": ("a@example.org",)}
    with alert_world(tmp_path, **given) as world:
        world.list({"a": ["feeds:1"]})
        fail(world)
    assert any(command.startswith("AUTH PLAIN") for command in mail.commands)
    assert len(mail.received) == 1


@pytest.mark.parametrize("is_upgraded", [False, True], ids=["from the first byte", "STARTTLS"])
def test_letter_and_password_travel_encrypted_to_a_server_that_is_vouched_for(
    tmp_path, monkeypatch, is_upgraded
):
    certificate = self_signed(tmp_path)
    monkeypatch.setattr("flows.alerting.mail._is_here", lambda _: False)
    with mail_server(server_context(certificate), is_upgraded=is_upgraded) as mail:
        place = mail.address.replace("://", "://me:secret@")
        given = {"alert_smtp": place, "alert_email": ("a@example.org",)}
        with alert_world(tmp_path, **given) as world:
            world.list({"a": ["feeds:1"]})
            assert any("SSLCertVerificationError" in problem for problem in fail(world).problems)
            assert (mail.received, [c for c in mail.commands if c.startswith("AUTH")]) == ([], [])
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            world.look(DAY)
        assert any(command.startswith("AUTH PLAIN") for command in mail.commands)
        assert len(mail.received) == 1
        assert ("STARTTLS" in mail.commands) == is_upgraded


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"alert_email": ("ann",)}, r"alert_email: 'ann' is no e-mail address"),
        ({"alert_email": ("a@b.c\nX: y",)}, r"alert_email: .* is no e-mail address"),
        ({"alert_email": ("a@b.c",)}, "alert_email is set and alert_smtp is not"),
        ({"alert_smtp": "smtp://h"}, "alert_smtp is set and alert_email is not"),
        ({"alert_smtp": "mail.example:25"}, "alert_smtp is no mail server such as"),
        ({"alert_smtp": "smtp://u:s3cret@h:port"}, "alert_smtp is no mail server such as"),
        ({"alert_smtp": "https://h"}, "alert_smtp is no mail server such as"),
        ({"alert_from": "me"}, "alert_from: 'me' is no e-mail address"),
        ({"alert_webhook": "hooks.example/s3cret"}, "alert_webhook is no address such as"),
        ({"alert_webhook": "ftp://h/s3cret"}, "alert_webhook is no address such as"),
        ({"alert_webhook": "https:///s3cret"}, "alert_webhook is no address such as"),
        ({"alert_webhook": "https://h/s3cret\nx"}, "alert_webhook is no address such as"),
        ({"alert_except": ("nonsense",)}, "alert_except: unknown condition 'nonsense'; known: s"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_meant_is_named_and_no_secret_shown(tmp_path, given, told):
    with pytest.raises(InputError, match=told) as caught:
        destinations(load_settings(tmp_path, given))
    assert "s3cret" not in str(caught.value)


def test_without_settings_there_is_the_log_alone(tmp_path):
    found = destinations(load_settings(tmp_path))
    assert (found.mailing, found.hook) == (None, None)


def test_who_writes_is_the_contact_or_the_first_who_is_written_to(tmp_path):
    given = {"alert_smtp": "smtp://localhost", "alert_email": ("a@example.org",)}
    for contact, sender in (("me@example.org", "me@example.org"), ("https://x", "a@example.org")):
        found = destinations(load_settings(tmp_path, given | {"contact": contact}))
        assert found.mailing.sender == sender
        assert (found.mailing.server.port, found.mailing.server.is_tls) == (25, False)


def test_settings_that_are_secret_are_not_shown(tmp_path):
    given = {"alert_smtp": "smtps://u:s3cret@h", "alert_webhook": "https://h/s3cret"}
    assert "s3cret" not in repr(load_settings(tmp_path, given))
    (tmp_path / "barograph.toml").write_text('alert_webhook = ["https://h/s3cret"]')
    with pytest.raises(InputError, match="alert_webhook = … is not text") as caught:
        load_settings(tmp_path)
    assert "s3cret" not in str(caught.value)
