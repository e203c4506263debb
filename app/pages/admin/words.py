"""Words of the pages of admins: what staff did. A code without words is shown as it is."""

from app.core.translations import N_

ACTIONS = {
    "report.verified": N_("Report verified"),
    "report.rejected": N_("Report removed"),
    "report.merged": N_("Report joined to another"),
    "report.undone": N_("Decision undone"),
    "report.corrected": N_("Report corrected"),
    "photo.shown": N_("Photo shown"),
    "photo.hidden": N_("Photo hidden"),
    "photo.blurred": N_("Photo blurred in part"),
    "photo.described": N_("Photo described"),
    "photo.removed": N_("Photo removed"),
    "account.role_changed": N_("Role changed"),
    "account.suspended": N_("Account suspended"),
    "account.restored": N_("Account no longer suspended"),
    "account.areas_changed": N_("Areas changed"),
    "account.partner_changed": N_("Marked as a partner, or no longer"),
    "invitation.made": N_("Invitation made"),
    "invitation.used": N_("Invitation used"),
    "invitation.ended": N_("Invitation ended"),
    "second_factor.made": N_("Second factor set up"),
    "second_factor.reset": N_("Second factor taken away"),
    "key.made": N_("API key made"),
    "key.ended": N_("API key ended"),
    "switch.changed": N_("Switch changed"),
    "block.made": N_("Block made"),
    "block.ended": N_("Block ended"),
    "exact_place.read": N_("Exact places seen"),
    "export.made": N_("Export made"),
    "staff.signed_in": N_("Signed in"),
}
