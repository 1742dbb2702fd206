"""The verbs of the tills: a heartbeat, a daily close, and a store's day as a whole."""

from plugins.pos_bridge.services.daily import closes_of, day_of_store
from plugins.pos_bridge.services.tills import Beat, answer_of, close_day, count_day, record_heartbeat

__all__ = ["Beat", "answer_of", "close_day", "closes_of", "count_day", "day_of_store", "record_heartbeat"]
