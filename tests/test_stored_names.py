"""Names under which data are stored: other releases read them, so they stay when the code names a thing otherwise."""

from typing import Any

import pytest

from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from app.core import packed_json
from app.geo.box_circle import Box
from app.reports.entry import STORED_COLUMNS, Entry
from app.reports.index.shared_state import SharedRow
from app.reports.models import Report
from app.review.audit_models import AuditRow
from app.warnings.area_models import Area
from app.warnings.ingest.outlines import AreaOutlines
from app.warnings.ingest.rows import row_of
from app.warnings.marks import Mark, pack_columns
from app.warnings.models import KNOWN, OfficialWarning, SourceMemory
from app.warnings.sources.message import Act, Message, Place, Text
from tests.rig import release_1

STORED: dict[Any, str] = {
    Account: "id username username_folded password_hash role email token_version created_at version areas is_suspended"
    " suspended_for totp_salt totp_pending totp_pending_at totp_step totp_first_step recovery_codes factor_use"
    " new_sign_ins",
    AuditRow: "subject id actor action reason before after at request_id purge_at",
    RefreshFamily: "id account_id token_version number rotated_at unused_number has_second_factor purge_at used_at kind"
    " device is_known_device told_until",
    Area: "id source code name shape reason lat lon centre_tile updated",
    OfficialWarning: "id source source_id root digest listed severity urgency certainty texts areas sent onset ends"
    " expires until ended updated geometry_status geometry_reason shape box drawn hazard ended_reason chain"
    " published",
    SourceMemory: "id validators is_pending at_work_until last_change empty_since tiles_checked",
    SharedRow: "tile waiting holder held_until paced_until paced_by last_pass last_pass_by",
}
DERIVED = {"photo", "decided_photo"}  # from the row's photos
MARK = "id source severity first sent until ended box onset urgency certainty hazard ended_reason version"


def stored_names(model: Any) -> set[str]:
    return {attribute.attr_name for attribute in model.get_attributes().values()}


def test_report_has_every_attribute_of_the_first_release() -> None:
    assert stored_names(Report) >= stored_names(release_1.Report)


def test_entry_has_every_column_of_the_first_release() -> None:
    assert STORED_COLUMNS.keys() >= set(release_1.SHORT_FORM)
    assert set(STORED_COLUMNS.values()) == set(Entry._fields) - {"id", "sort", "others"}


def test_row_and_entry_store_each_field_under_the_same_name() -> None:
    of_row = {attribute.attr_name: name for name, attribute in Report.get_attributes().items()}

    assert of_row.items() >= {stored: name for stored, name in STORED_COLUMNS.items() if name not in DERIVED}.items()


@pytest.mark.parametrize("model", STORED, ids=lambda model: model.__name__)
def test_attributes_of_a_row_keep_their_names(model: Any) -> None:
    assert stored_names(model) >= set(STORED[model].split())


def test_columns_of_marks_keep_their_names() -> None:
    mark = Mark("wrn_a", "ea", "severe", 1, 2, 3, 4, Box(0, 51, 1, 52))

    assert packed_json.unpack(pack_columns([mark]))["columns"].keys() >= set(MARK.split())


def test_digest_and_versions_of_a_warning_stay_the_same() -> None:
    """With others every stored warning would count as changed, and every kept one as outdated."""
    place = Place("k", (("A", "n"),))
    rank = ("severe", "immediate", "likely")
    message = Message("s", "e", ("r",), Act.HOLD, *rank, (Text("en", "L", "h"),), (place,), 10, 11, 12, 13)

    row = row_of("ea", message, place, "root", "wrn_aaa", AreaOutlines())
    row.updated_at_ms = 14

    assert (row.digest, row.version(), row.version(KNOWN)) == ("8ac3c485e5044f80475adec0", "LNEFider", "kDexrxju")
