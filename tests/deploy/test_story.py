"""From nothing to a deployed product and back: each test goes on where the one before it left."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.deploy import commanding, judging, mailing, photographing, restoring
from tests.deploy.cli import Service
from tests.deploy.cloud import Cloud
from tests.deploy.conftest import PREFIX, left
from tests.deploy.functions import Functions
from tests.deploy.read_back import faults_of, unread
from tests.rig.official import SQUARE, EnvironmentAgency, flood
from tests.rig.upstream import Reply, Upstream

pytestmark = pytest.mark.story

PLACE = {"lat": 51.0435, "lon": -2.827}
REPORT = {"location": PLACE, "depth_cm": 30, "title": "Water over the kerb", "place": "public"}
NEAR = "/v1/reports?lat=51.0435&lon=-2.827&radius_km=5"
PASSWORD = "a wet november evening"
TILE = "/tiles/13/4031/2740"
# Where nothing else happens, so that no other report's change brings one here onto the map.
FAR = {"lat": 51.99, "lon": -2.16}
FAR_TILE = "/tiles/13/4046/2706"
IN_FLOOD_AREA = "/v1/nearby?lat=51.05&lon=0.05"


class Kept:
    """Values that a later step needs from an earlier one."""

    report_id = ""
    own_report_id = ""
    lost_report_id = ""
    token = ""


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="module")
def agency() -> Iterator[Upstream]:
    """The one source of warnings of this deployment."""
    speaks = EnvironmentAgency(floods=[flood("112WAFTUSLP")], polygons={"112WAFTUSLP": SQUARE})
    with Upstream(speaks) as host:
        yield host


@pytest.fixture(scope="module")
def service(service: Service, agency: Upstream) -> Service:
    source = f"FLOOD_SOURCES: ea={agency.address}/flood-monitoring"
    service.replace("infra/stages/dev.yml", "FLOOD_SOURCES: ''", source)
    for before, after in mailing.SETTINGS.items():
        service.replace("infra/stages/dev.yml", before, after)
    return service


def test_a_first_deployment_says_where_the_product_is(cloud: Cloud, deployed: str) -> None:
    address = cloud.outputs(PREFIX)["HttpApiUrl"]

    assert f"{address}/docs" in deployed
    assert f"curl {address}/healthz" in deployed
    assert "create-admin" in deployed
    assert f"{len(left(cloud)['alarms'])} alarms ring for nobody: set alarm_email in infra/stages/dev.yml" in deployed


def test_the_cli_tells_where_the_product_is_and_how_it_is(cloud: Cloud, service: Service, deployed: str) -> None:
    commanding.see_where_it_is(service, cloud)
    commanding.read_the_log(service, cloud)
    commanding.read_the_figures(service, cloud)


def test_every_resource_is_there_with_every_property(cloud: Cloud, deployed: str) -> None:
    resources = cloud.resources(PREFIX)
    wanted = json.loads(json.dumps(cloud.clients("cloudformation").get_template(StackName=PREFIX)["TemplateBody"]))
    conditional = {name for name, body in wanted["Resources"].items() if "Condition" in body}

    assert set(wanted["Resources"]) - conditional <= set(resources)
    assert faults_of(resources) == []


def test_nothing_is_taken_on_trust_but_what_the_emulation_has_no_place_for(cloud: Cloud, deployed: str) -> None:
    assert unread(cloud.resources(PREFIX)) == []


def test_secrets_are_in_the_parameter_store_and_nowhere_else(cloud: Cloud, deployed: str) -> None:
    ssm = cloud.clients("ssm")
    found = ssm.get_parameters_by_path(Path="/floodmanager/dev/", WithDecryption=True)["Parameters"]
    values = {each["Name"].rpartition("/")[2]: each for each in found}
    resources = cloud.resources(PREFIX)

    types = {name: each["Type"] for name, each in values.items()}
    assert types == dict.fromkeys(("secret", "id-key", "totp-key", "mail-key"), "SecureString") | {
        "origin-key": "String"
    }
    everything = json.dumps([resources.template, [made.properties for made in resources.values()]]) + deployed
    assert not [name for name, each in values.items() if each["Value"] in everything]


def test_the_deployed_zip_answers_as_the_built_one(functions: Functions, service: Service) -> None:
    answer = functions.request("GET", "/healthz")

    assert (answer.status, answer.body["status"]) == (200, "ok")
    assert [path.name for path in functions.folder.glob("*/handlers/api.py")] == ["api.py"]


def test_a_report_is_filed_read_and_found_near_me(functions: Functions, kept: Kept) -> None:
    filed = functions.request("POST", "/v1/reports", REPORT, Idempotency_Key="report-of-deploy-0001")
    kept.report_id = filed.body["id"]
    again = functions.request("POST", "/v1/reports", REPORT, Idempotency_Key="report-of-deploy-0001")
    read = functions.request("GET", f"/v1/reports/{kept.report_id}")
    near = functions.request("GET", NEAR)

    assert (filed.status, again.status, read.status, near.status) == (201, 200, 200, 200)
    assert again.body["id"] == kept.report_id
    assert [report["id"] for report in near.body["items"]] == [kept.report_id]


def test_registering_and_signing_in_go_to_their_own_function(functions: Functions, kept: Kept) -> None:
    person = {"username": "river-watcher", "password": PASSWORD}

    made = functions.request("POST", "/v1/accounts", person)
    signed_in = functions.request("POST", "/v1/tokens", person)
    kept.token = signed_in.body["access_token"]
    me = functions.request("GET", "/v1/me", Authorization=f"Bearer {kept.token}")

    assert (made.status, signed_in.status, me.status) == (201, 200, 200)
    assert set(functions.running) == {f"{PREFIX}-{name}" for name in ("api", "file_report", "sign_in")}
    assert me.body["username"] == "river-watcher"


def test_a_report_with_an_account_is_its_own(functions: Functions, kept: Kept) -> None:
    who = {"Authorization": f"Bearer {kept.token}"}

    filed = functions.request("POST", "/v1/reports", REPORT, Idempotency_Key="report-of-deploy-0003", **who)
    kept.own_report_id = filed.body["id"]
    own = functions.request("GET", "/v1/me/reports", **who)

    assert [report["id"] for report in own.body["items"]] == [kept.own_report_id]


def test_staff_change_accounts_by_what_the_function_may_do(functions: Functions, service: Service) -> None:
    made = service.flask("create-admin", "chief-of-staff", "--password", PASSWORD)
    pair = functions.request("POST", "/v1/tokens", {"username": "chief-of-staff", "password": PASSWORD}).body
    chief = {"Authorization": f"Bearer {pair['access_token']}"}
    (person,) = functions.request("GET", "/v1/admin/accounts?query=River", **chief).body["items"]
    change = {"is_suspended": False, "role": "responder", "reason": "appointed"}
    answer = functions.request("PATCH", f"/v1/admin/accounts/{person['id']}", change, **chief)

    assert (made.code, answer.status, answer.body["role"]) == (0, 200, "responder"), made.text


def test_an_export_has_the_report_and_the_sign_in(functions: Functions, kept: Kept) -> None:
    """The function may ask the index of sign-ins."""
    body = functions.request("GET", "/v1/me/export", Authorization=f"Bearer {kept.token}").body

    assert [report["id"] for report in body["reports"]] == [kept.own_report_id]
    assert (len(body["sign_ins"]), body["missing"]) == (1, [])


def test_the_stream_brings_reports_onto_the_map(functions: Functions, kept: Kept) -> None:
    handed = functions.deliver_stream("report_changed")
    tile = functions.request("GET", TILE)

    assert handed >= 2
    assert {kept.report_id, kept.own_report_id} == {each["id"] for each in tile.body["features"]}


def test_neighbours_and_responders_keep_to_the_rights_of_their_functions(functions: Functions, kept: Kept) -> None:
    judging.vote_and_flag(functions, kept.report_id)
    judging.hold_decide_and_undo(functions, kept.report_id, "chief-of-staff", PASSWORD)


def test_a_photo_is_cleaned_shown_blurred_and_hidden(functions: Functions, cloud: Cloud) -> None:
    photographing.send_clean_and_show(functions, cloud, "chief-of-staff", PASSWORD)
    photographing.blur_hide_and_sweep(functions, cloud, "chief-of-staff", PASSWORD)


def test_operators_run_our_own_commands_by_one_right_of_theirs(
    functions: Functions, service: Service, cloud: Cloud
) -> None:
    commanding.run_our_own_commands(functions, service, cloud)
    commanding.act_by_the_right_to_call_one_function(functions, service, cloud)


def test_a_lost_password_comes_back_by_mail(functions: Functions, cloud: Cloud) -> None:
    mailing.confirm_an_address(functions, cloud)
    mailing.bring_a_password_back(functions)
    mailing.note_what_ses_reports(functions, cloud)


def test_a_poison_record_holds_up_no_other_and_is_noted(functions: Functions, kept: Kept) -> None:
    filed = functions.request("POST", "/v1/reports", REPORT, Idempotency_Key="report-of-deploy-0004")
    lost = functions.request(
        "POST", "/v1/reports", {**REPORT, "location": FAR}, Idempotency_Key="report-of-deploy-0005"
    )
    kept.lost_report_id = lost.body["id"]

    no_number = {"S": "no number"}
    functions.deliver_stream("report_changed", spoil=judging.with_latitude(kept.lost_report_id, no_number))

    assert filed.body["id"] in _on_the_map(functions)
    assert functions.messages_in("report-changes-dead-letters") == 1
    assert _on_the_map(functions, FAR_TILE) == set()


def test_dead_letters_whose_row_is_still_poison_stay(
    functions: Functions, cloud: Cloud, service: Service, kept: Kept
) -> None:
    judging.store_latitude(cloud, kept.lost_report_id, {"S": "no number"})

    said = service.flask("redrive", "report-changes-dead-letters")

    assert said.code == 1
    assert "0 brought back, 1 still there" in said.text, said.text
    assert functions.messages_in("report-changes-dead-letters") == 1
    assert _on_the_map(functions, FAR_TILE) == set()


def test_a_dead_letter_whose_row_can_be_read_is_redriven_onto_the_map(
    functions: Functions, cloud: Cloud, service: Service, kept: Kept
) -> None:
    sound = {"N": str(FAR["lat"])}
    judging.store_latitude(cloud, kept.lost_report_id, sound)

    said = service.flask("redrive")

    assert said.code == 0, said.text
    assert _on_the_map(functions, FAR_TILE) == {kept.lost_report_id}
    assert functions.messages_in("report-changes-dead-letters") == 0
    # The two writes of this test, which no later step is about.
    functions.deliver_stream("report_changed", spoil=judging.with_latitude(kept.lost_report_id, sound))


def test_whoever_leaves_is_erased_through_stream_and_queue(functions: Functions, cloud: Cloud, kept: Kept) -> None:
    gone = functions.request("DELETE", "/v1/me", {"password": PASSWORD}, Authorization=f"Bearer {kept.token}")
    functions.deliver_stream("account_changed")
    queued = functions.messages_in("erasures")
    failed = functions.deliver_queue("erase_accounts")

    assert (gone.status, queued, failed) == (204, 1, [])
    assert "account_id" not in judging.stored(cloud, kept.own_report_id)
    assert functions.request("GET", f"/v1/reports/{kept.own_report_id}").status == 200
    assert functions.messages_in("erasures") == 0


def test_a_message_that_cannot_be_handled_stays_in_the_queue(functions: Functions) -> None:
    functions.put_in("erasures", {})

    failed = functions.deliver_queue("erase_accounts")

    assert len(failed) == 1
    assert functions.messages_in("erasures") == 1


def test_the_schedule_takes_ended_reports_off_the_map(functions: Functions) -> None:
    """Reports end two days after what they tell of: the clock of the schedule's function is put past that."""
    seen_at = datetime.now(UTC) - timedelta(hours=47)
    body = {**REPORT, "observed_at": seen_at.isoformat(), "title": "Nearly gone"}
    filed = functions.request("POST", "/v1/reports", body, Idempotency_Key="report-of-deploy-gone")
    functions.deliver_stream("report_changed")

    functions.tick("end_expired")
    early = _on_the_map(functions)
    functions.tick("end_expired", ahead=timedelta(hours=2))
    late = _on_the_map(functions)

    assert filed.body["id"] in early
    assert late == early - {filed.body["id"]}


def test_what_lambda_gave_up_is_read_once_more_from_the_stream(functions: Functions, service: Service) -> None:
    """Its dead letters say where in the stream the records lie."""
    functions.put_in("account-changes-dead-letters", functions.failed_batch("account_changed"))
    before = functions.messages_in("erasures")

    said = service.flask("redrive", "account-changes-dead-letters")

    assert said.code == 0, said.text
    assert (before, functions.messages_in("erasures")) == (1, 2)
    assert functions.messages_in("account-changes-dead-letters") == 0


def test_the_schedule_takes_warnings_in(functions: Functions) -> None:
    said = functions.tick("ingest_warnings")

    [warning] = functions.request("GET", "/v1/warnings").body["items"]
    near = functions.request("GET", IN_FLOOD_AREA).body
    status = functions.request("GET", "/status.json").body
    assert (said["ea"]["in_force"], said["ea"]["failure"]) == (1, "")
    assert [each["warning"]["id"] for each in near["items"]] == [warning["id"]]
    assert [(each["name"], each["state"]) for each in status["sources"]] == [("ea", "ok")]
    assert functions.deliver_stream("fan_out", table="warnings") == 1
    assert functions.deliver_queue("match_alerts") == []
    assert functions.tick("alerts_due").keys() == {"messages", "ended"}


def test_a_source_that_is_down_ends_no_warning_and_is_told(functions: Functions, agency: Upstream) -> None:
    agency.answering = lambda asked: Reply(b"", 503)

    functions.tick("ingest_warnings")

    status = functions.request("GET", "/status.json").body
    assert [(each["state"], bool(each["reasons"])) for each in status["sources"]] == [("down", True)]
    assert functions.messages_in("ingest-warnings-dead-letters") == 0
    assert [each["in_force"] for each in functions.request("GET", "/v1/warnings").body["items"]] == [True]


@pytest.mark.parametrize("path", ["/v1/tokens/", "//v1/tokens", "/v1/accounts/"])
def test_other_spellings_of_signing_in_lead_to_no_function_without_the_rights(functions: Functions, path: str) -> None:
    answer = functions.request("POST", path, {"username": "river-watcher", "password": PASSWORD})

    assert answer.status == 404
    assert functions.rights.refused == []


def test_functions_did_nothing_that_their_roles_do_not_allow(functions: Functions) -> None:
    used = {functions.roles()[role]: actions for role, actions in functions.rights.used.items()}

    assert functions.rights.refused == []
    assert used.keys() == set(functions.roles().values())
    assert "ssm:GetParameters" in used["sign_in"]
    assert "sqs:SendMessage" in used["account_changed"]


def test_an_unchanged_deployment_writes_nothing(service: Service, cloud: Cloud) -> None:
    """See tests/infra/test_package.py for the equal bytes of an artifact that is built again."""
    service.keep_artifact()
    before = cloud.resources(PREFIX).writes

    said = service.run("deploy")

    assert said.code == 0, said.text
    assert cloud.resources(PREFIX).writes == before
    assert "No changes to deploy" in said.text


def test_a_changed_value_arrives_and_the_data_stay(
    service: Service, cloud: Cloud, functions: Functions, kept: Kept
) -> None:
    service.replace("infra/stages/dev.yml", "FLOOD_REPORT_LIFE_HOURS: ''", "FLOOD_REPORT_LIFE_HOURS: 24")
    service.replace("infra/stages/dev.yml", "log_retention_days: 30", "log_retention_days: 14")

    said = service.run("deploy")

    assert said.code == 0, said.text
    assert faults_of(cloud.resources(PREFIX)) == []
    told = functions.configuration(f"{PREFIX}-api")
    assert told["Environment"]["Variables"]["FLOOD_REPORT_LIFE_HOURS"] == "24"
    assert functions.request("GET", f"/v1/reports/{kept.report_id}").status == 200


def test_a_rollback_brings_back_the_deployment_of_then(service: Service, functions: Functions, kept: Kept) -> None:
    earliest, *_ = re.findall(r"Timestamp: (\d+)", service.run("deploy", "list").text)

    said = service.run("rollback", "--timestamp", earliest)

    assert said.code == 0, said.text
    told = functions.configuration(f"{PREFIX}-api")
    assert told["Environment"]["Variables"]["FLOOD_REPORT_LIFE_HOURS"] == ""
    assert functions.request("GET", f"/v1/reports/{kept.report_id}").status == 200


def test_removal_ends_everything_but_what_holds_data(service: Service, cloud: Cloud, kept: Kept) -> None:
    retained = {made.physical_resource_id for made in cloud.resources(PREFIX).values() if "DeletionPolicy" in made.body}

    said = service.run("remove")

    assert said.code == 0, said.text
    assert {types for types, there in left(cloud).items() if there} == {"tables", "queues", "buckets"}
    assert {name for there in left(cloud).values() for name in there} == retained
    assert judging.stored(cloud, kept.report_id)["title"] == {"S": "Water over the kerb"}


def test_the_next_deployment_takes_in_what_stayed_with_its_data(
    service: Service, cloud: Cloud, functions: Functions, kept: Kept
) -> None:
    """CloudFormation makes no table whose name is taken."""
    said = service.run("deploy")

    assert said.code == 0, said.text
    assert f"{PREFIX} takes in what an earlier deployment has left, unchanged: {PREFIX}-reports" in said.text
    assert faults_of(cloud.resources(PREFIX)) == []
    assert functions.request("GET", f"/v1/reports/{kept.report_id}").status == 200


def test_all_tables_come_back_from_their_backups_without_those_who_left(
    functions: Functions, service: Service, cloud: Cloud
) -> None:
    restoring.lose_everything_and_bring_it_back(functions, service, cloud)


def _on_the_map(functions: Functions, tile: str = TILE) -> set[str]:
    return {each["id"] for each in functions.request("GET", tile).body["features"]}
