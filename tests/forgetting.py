"""The knowledge that the product keeps in a process, cleared between tests."""

from app.accounts import throttle
from app.alerts import extents, present
from app.gazetteer.models import STORE
from app.reports.calendar_models import Calendar
from app.reports.index import completeness, pulse, recent_writes
from app.situation import inside_following, inside_reading, inside_writing
from app.switches import blocks
from app.switches import current as switches
from app.warnings import kept, last_good


def forget_what_is_known() -> None:
    """Clear what the product remembers in the process about the tables' content."""
    Calendar.note.cache_clear()
    vars(recent_writes.root_cache).update(vars(recent_writes._RootCache()))
    pulse.forget()
    vars(completeness.cache).update(vars(completeness._Cache()))
    STORE.forget()
    kept.forget()
    last_good.forget()
    inside_reading.forget()
    inside_writing.forget()
    inside_following.forget()
    switches.forget()
    blocks.forget()
    present.forget()
    extents.forget()
    throttle._in_process.clear()
