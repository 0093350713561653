// For tests of this module: packs by name, observations by hand and at random.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "features/observer.h"

namespace tideline {

inline std::shared_ptr<const Pack> load_pack(const std::string& name) {
  const std::string path = "packs/" + name + "/pack.toml";
  std::ifstream file(std::string(TIDELINE_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  auto pack = Pack::parse(text.str(), path);
  EXPECT_TRUE(pack.has_value()) << pack.error().message;
  return pack ? *pack : nullptr;
}

using Properties = std::vector<std::pair<std::string, PropertyValue>>;

// A track event as the pipeline would hand it on; ids count up from 1.
class EventMaker {
 public:
  explicit EventMaker(const Pack& pack) : observer_(pack) {}

  Observation track(Time t, const std::string& name, const Properties& properties = {}) {
    return make(EventType::track, t, name, properties);
  }
  Observation make(EventType type, Time t, const std::string& name,
                   const Properties& properties = {}) {
    Event event;
    event.type = type;
    event.name = name;
    event.event_time = t;
    event.source = SourceId("test");
    event.message_id = MessageId(std::to_string(++last_id_));
    observer_.begin(event);
    for (const auto& [property, value] : properties) {
      const FieldSpec* field = observer_.wanted(property);
      if (field == nullptr) continue;
      const Status status = observer_.set(*field, value);
      EXPECT_TRUE(status.has_value()) << status.error().message;
    }
    return observer_.take();
  }

 private:
  Observer observer_;
  int last_id_ = 0;
};

}  // namespace tideline
