"""Sentences of the report form's scripts, which fill in `{name}`."""

from app.core.translations import N_
from app.pages.frame import map_words, wording
from app.pages.frame.language import gettext

FORM = {
    "step": N_("Step {number} of {all}"),
    "next": N_("Next"),
    "to_review": N_("Review"),
    "back": N_("Back"),
    "send": N_("Send report"),
    "sending": N_("Sending …"),
    "map_open": N_("Choose on the map"),
    "locating": N_("Looking for where you are …"),
    "located": N_("Found: your place, to within about {distance}. If the water is elsewhere, move the map."),
    "located_near": N_(
        "Found: your place near {name}, to within about {distance}. If the water is elsewhere, move the map."
    ),
    "own_coarse": N_("Your device knows only roughly where you are: to within about {distance}."),
    "own_sea": N_("Your device says that you are at sea."),
    "own_uncovered": N_("Your device says that you are where no issuer of warnings is connected here."),
    "own_too_wide": N_("That is too wide for a report. Move the map to the water, or enter a postcode or town."),
    "own_question": N_("Are you near {name}?"),
    "own_question_map": N_("Is this where you are?"),
    "own_yes": N_("Yes"),
    "own_no": N_("No, another place"),
    "own_no_then": N_("Enter a postcode or town, or move the map until the pin stands at the water."),
    "locate_refused": N_("Your location was not given. Enter a postcode or town, or choose on the map."),
    "locate_unavailable": N_("Your device cannot tell where it is. Enter a postcode or town, or choose on the map."),
    "locate_late": N_("Finding your location took too long. Try again, or enter a postcode or town."),
    "finding": N_("Looking up the place …"),
    "found_one": N_("{name}: this is its middle. Move the map until the pin stands at the water."),
    "found_several": N_("There are several places of that name. Choose yours."),
    "found_none": N_("No place of that name is known. Try a postcode, or the next larger town."),
    "found_none_map": N_("No place of that name is known. Move the map to the water, or try a postcode or a town."),
    "found_none_yet": N_(
        "Not all places can be looked up at the moment: try a larger town, or the first half of a postcode."
    ),
    "find_failed": N_("The place cannot be looked up without a connection. It will be when the report is sent."),
    "pin_set": N_("The pin is set."),
    "pin_zoom": N_("Zoom in until you see the place, then move the map."),
    "pin": N_("The pin on the map: {lat}, {lon}"),
    "middle_of": N_("The middle of {name}, to within about {distance}"),
    "own_place": N_("Your place, to within about {distance}"),
    "own_place_near": N_("Your place near {name}, to within about {distance}"),
    "typed_place": N_("{name} (looked up when it is sent)"),
    "map_needs_place": N_("Enter a postcode or town first: the map opens there."),
    "map_failed": N_("The map could not be loaded. A postcode or town will do."),
    "need_place": N_("Say where the water is."),
    "need_water": N_("Choose how deep the water is. If you cannot tell, choose that."),
    "need_number": N_("Give the depth as a number of centimetres from 0 to 1000, such as 45, or leave it empty."),
    "need_time": N_("Choose when you saw it."),
    "depth_exact": N_("{number} cm"),
    "metres": N_("{number} m"),
    "kilometres": N_("{number} km"),
    "review_where": N_("Where"),
    "review_depth": N_("How deep"),
    "review_when": N_("When"),
    "change": N_("Change"),
    "nearby": N_("Is it one of these?"),
    "nearby_hint": N_(
        "They were reported close by, at about the same time. “Yes” adds your word and your depth to that report, in "
        "place of a new one. Yours still helps if it tells more."
    ),
    "nearby_yes": N_("Yes, this one"),
    "nearby_none": N_("No, mine is another"),
    "nearby_untitled": N_("Flooding"),
    "draft": N_("What you entered before is still here."),
    "start_over": N_("Start again with an empty form"),
    "waiting": N_("Saved on this phone. It will be sent when there is a connection."),
    "refused": N_("This could not be taken."),
    "refused_before": N_("It was sent before, with other words."),
    "open_again": N_("Open it again"),
    "open_sent": N_("Open the one that was sent"),
    "try_now": N_("Try now"),
    "discard": N_("Discard"),
    "discard_sure": N_("Discard this report? It has not been sent."),
    "sent": N_("Sent."),
    "vote_waiting": N_("Saved on this phone. Your answer will be sent when there is a connection."),
    "vote_refused": N_("Your answer could not be taken."),
    "vote_sent": N_("Your answer has been sent."),
    "vote_open": N_("Open that report"),
    "vote_discard_sure": N_("Discard this answer? It has not been sent."),
    "report_instead": N_("Send it as a report of its own"),
    "reference": N_("Reference: {id}"),
    "sent_open": N_("Change it or take it back"),
    "sent_gone": N_("Remove from this list"),
    "seen": N_("Seen {time}"),
    "copied": N_("Copied."),
    "forgotten": N_("Removed. Keep the link elsewhere if you need it."),
    "copy_failed": N_("It could not be copied. Press long on the link to copy it."),
}

PHOTOS = {
    "photos_one": N_("1 photo"),
    "photos_some": N_("{number} photos"),
    "photos_full": N_("Four photos are the most. Remove one first."),
    "photos_changed": N_("The list of photos has changed."),
    "photo_alt": N_("Photo {number}"),
    "photo_describe": N_("What does it show? (not required, for people who cannot see it)"),
    "photo_remove": N_("Remove"),
    "photo_again": N_("Try again"),
    "photo_preparing": N_("Making the photo smaller …"),
    "photo_added": N_("{number} with the report. Nothing is sent before the report is."),
    "photo_kept": N_("The photo is on this phone. It is sent as soon as there is a connection."),
    "photo_removed": N_("The photo was removed."),
    "photo_sent": N_("A photo was sent. It is prepared now, and appears in some seconds."),
    "photo_waiting": N_("Waits on this phone. It is sent as soon as there is a connection."),
    "photo_sending": N_("It is being sent …"),
    "photo_failed": N_("It could not be sent yet. It waits on this phone, and is tried again."),
    "photo_no_right": N_("It was not sent, because the private link or your session has ended."),
    "photo_unreadable": N_("{name} is no photo that can be sent. Choose a JPEG, PNG, WebP or HEIC file."),
    "photo_empty": N_("{name} is an empty file. Choose another one."),
    "photo_too_large": N_("{name} is larger than 8 MB. Choose a smaller one."),
    "photo_not_kept": N_("This phone has no room for {name}. The report can be sent all the same."),
    "photos_review": N_("Photos"),
    "photos_join": N_("Your photos go with a report of your own only."),
    "photos_with": N_("With it: {number}."),
    "photos_wait": N_("The report is sent. Not sent yet: {number}."),
    "photos_discard_sure": N_("Discard the photos that have not been sent?"),
}


def of_photos() -> dict[str, str]:
    """Return the `words` of pages with a field for photos."""
    return {name: gettext(text) for name, text in PHOTOS.items()}


def words() -> dict[str, str]:
    """Return the page's `words` in the language of the request."""
    severities = {f"severity_{word}": wording.report_severity(word) for word in wording.REPORT_SEVERITIES}
    return {name: gettext(text) for name, text in FORM.items()} | severities | map_words.picker()
