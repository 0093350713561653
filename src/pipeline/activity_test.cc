// Activity: days and amounts of events that were archived, in any order.
#include "pipeline/activity.h"

#include <map>

#include "pipeline/test_rig.h"

namespace tideline {
namespace {

constexpr std::string_view kPack = R"(
[pack]
name = "shop"
about = "For tests"
currency = "EUR"
qualifying = ["Bought"]
lapse_days = 30

[event."Bought"]
amount = { type = "number", min = 0, max = 1000, money = true }

[event."Looked"]

[[feature]]
name = "bought_30d"
group = "shop"
unit = "times"
value = 'count("Bought", 30d)'

[eligible]
rule = 'since(qualifying) <= 90d'
)";

// An events file of the lake that counts.
class ActivityTest : public testing::Test {
 protected:
  void event(const std::string& customer, const std::string& name, const std::string& time,
             const std::string& properties) {
    EventRow& row = rows_.emplace_back();
    row.event.customer = CustomerId(customer);
    row.event.name = name;
    row.event.message_id = MessageId(std::to_string(rows_.size()));
    row.event.event_time = row.event.arrival_time = row.event.stored_time = *parse_time(time);
    row.event.properties = properties;
    row.place.offset = rows_.size();
  }
  // By their days.
  std::map<std::vector<std::int64_t>, std::vector<double>> read(const char* until) {
    ManifestFile file;
    file.file = "events/dt=2026-01-02/a.parquet";
    file.table = "events";
    file.date = "2026-01-02";
    file.complete = true;
    file.rows = rows_.size();
    EXPECT_TRUE(rig_.lake.write_events(file.file, rows_).has_value());
    WriteBatch writes;
    writes.put(Family::manifest, manifest_key(file.file), encode(file));
    EXPECT_TRUE(rig_.store.write(writes, Durability::now).has_value());
    const auto pack = Pack::parse(kPack, "pack.toml");
    EXPECT_TRUE(pack.has_value()) << pack.error().message;
    const auto activity = read_activity(rig_.store, rig_.lake, **pack, *parse_time(until));
    EXPECT_TRUE(activity.has_value());
    std::map<std::vector<std::int64_t>, std::vector<double>> out;
    for (const CustomerActivity& one : *activity) out[one.days] = one.amounts;
    return out;
  }

  Rig rig_;
  std::vector<EventRow> rows_;
};

TEST_F(ActivityTest, QualifyingDaysAndTheirMoney) {
  const std::int64_t first = day_index(*parse_time("2026-01-02"));
  event("a", "Bought", "2026-01-03T10:00:00Z", R"({"amount": 30})");
  event("a", "Bought", "2026-01-02T23:59:59Z", R"({"amount": 10.5})");
  event("a", "Looked", "2026-01-04T00:00:00Z", "{}");
  event("a", "Bought", "2026-01-02T00:00:00Z", R"({"amount": 1})");
  event("b", "Bought", "2026-01-05T00:00:00Z", R"({"amount": 9, "currency": "USD"})");
  event("b", "Bought", "2026-01-06T00:00:00Z", R"({"amount": 7})");
  event("c", "Looked", "2026-01-02T00:00:00Z", "{}");
  const auto all = read("2026-01-05T12:00:00Z");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.at({first, first + 1}), (std::vector<double>{11.5, 30}));
  EXPECT_EQ(all.at({first + 3}), (std::vector<double>{0}));
}

// Many events of a few days are one entry a day.
TEST_F(ActivityTest, ManyEventsADay) {
  const std::int64_t first = day_index(*parse_time("2026-01-02"));
  for (int i = 0; i < 500; ++i) {
    event("a", "Bought", i % 2 == 0 ? "2026-01-03T10:00:00Z" : "2026-01-02T10:00:00Z",
          R"({"amount": 2})");
  }
  const auto all = read("2026-02-01");
  EXPECT_EQ(all.at({first, first + 1}), (std::vector<double>{500, 500}));
}

}  // namespace
}  // namespace tideline
