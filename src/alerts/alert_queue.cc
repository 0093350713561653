#include "alerts/alert_queue.h"

#include "alerts/alert_records.h"

namespace tideline {

void AlertQueue::add(Alert alert, WriteBatch& writes) const {
  alert.id = alert_id(alert);
  writes.put(Family::alerts, queue_key(alert), encode(alert));
}

}  // namespace tideline
